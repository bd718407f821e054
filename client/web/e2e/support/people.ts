/** Who takes part: roles at organisations, no names of persons. */
export interface Person {
  name: string;
  organisation: string;
  role: string;
}

const person = (role: string, organisation: string): Person => ({ name: role, organisation, role });

export const PRINCIPAL = person("Rektor", "Lindsunds skola");
export const NURSE = person("Hälsovårdare", "Barnrådgivningen");
export const YOUTH = person("Ungdomsledare", "Föreningen Granngården");

/** Fourteen people from six organisations, as in the workshop of the sample plan. */
export const WORKSHOP: readonly Person[] = [
  PRINCIPAL,
  person("Klasslärare", "Lindsunds skola"),
  person("Speciallärare", "Lindsunds skola"),
  person("Kurator", "Elevvården"),
  person("Psykolog", "Elevvården"),
  NURSE,
  person("Familjerådgivare", "Barnrådgivningen"),
  person("Servicehandledare", "Hemservicen för barnfamiljer"),
  person("Familjearbetare", "Hemservicen för barnfamiljer"),
  person("Daghemsföreståndare", "Daghemmet Tallkotten"),
  person("Lärare inom småbarnspedagogik", "Daghemmet Tallkotten"),
  YOUTH,
  person("Föräldramedlem", "Föreningen Granngården"),
  person("Socialarbetare", "Barnrådgivningen"),
];
