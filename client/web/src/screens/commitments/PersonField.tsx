import { useState } from "react";

import { useSpeech } from "../../i18n/intl";
import { TextField } from "../../parts/Field";
import { type Option, Select } from "../../parts/Select";
import type { People, Person } from "../../state/people";
import { NETWORK } from "../../state/people";
import style from "./PersonField.module.css";

const EXTERNAL = "external:";
const OUTSIDE = "outside";
const NOBODY = "nobody";

interface PersonFieldProps {
  label: string;
  hint?: string;
  /** A participant, the network, `external:…`, or nobody. */
  value: string | null;
  onChange: (id: string | null) => void;
  people: People;
  /** Whether it may be nobody, the network, somebody outside the plan. */
  nobody?: boolean;
  network?: boolean;
  outside?: boolean;
  /** Whom it cannot be. */
  except?: readonly string[];
}

/** One person, or the network; oneself first. */
export function PersonField(props: PersonFieldProps) {
  const { label, hint, value, onChange, people, nobody, network, outside, except = [] } = props;
  const { t } = useSpeech();
  const external = value?.startsWith(EXTERNAL) ?? false;
  const options: Option[] = [
    ...(nobody ? [{ value: NOBODY, label: t("promise_dialog.person_none") }] : []),
    ...(network ? [{ value: NETWORK, label: t("promise_say.network_subject") }] : []),
    ...inOrder(people)
      .filter((person) => !except.includes(person.id))
      .map((person) => optionOf(person, t("promise_dialog.person_me", { who: person.called }))),
    ...(outside ? [{ value: OUTSIDE, label: t("promise_dialog.person_outside") }] : []),
  ];
  return (
    <div className={style.person}>
      <Select
        label={label}
        {...(hint === undefined ? {} : { hint })}
        value={external ? OUTSIDE : (value ?? NOBODY)}
        onChange={(key) => {
          if (key === NOBODY) onChange(null);
          else onChange(key === OUTSIDE ? EXTERNAL : key);
        }}
        options={options}
      />
      {external && (
        <TextField
          label={t("promise_dialog.person_outside_name")}
          value={value?.slice(EXTERNAL.length) ?? ""}
          onChange={(name) => onChange(`${EXTERNAL}${name}`)}
        />
      )}
    </div>
  );
}

interface PeopleFieldProps {
  label: string;
  value: readonly string[];
  onChange: (ids: string[]) => void;
  people: People;
  except?: readonly string[];
}

/** Several people: each as a pill that can be taken away, and one more to add. */
export function PeopleField({ label, value, onChange, people, except = [] }: PeopleFieldProps) {
  const { t } = useSpeech();
  const left = inOrder(people).filter((person) => !value.includes(person.id) && !except.includes(person.id));
  // A select that has handed somebody over is a fresh one.
  const [given, setGiven] = useState(0);
  return (
    <div className={style.several} role="group" aria-label={label}>
      <span className={style.label} aria-hidden>
        {label}
      </span>
      <div className={style.chosen}>
        {value.map((id) => {
          const { called } = people.person(id);
          return (
            <button
              key={id}
              type="button"
              className={style.chip}
              aria-label={t("promise_form.with_remove", { who: called })}
              onClick={() => onChange(value.filter((one) => one !== id))}
            >
              {called}
              <span aria-hidden>×</span>
            </button>
          );
        })}
        {left.length > 0 && (
          <Select
            key={given}
            compact
            label={t("promise_form.with_add")}
            value=""
            onChange={(id) => {
              setGiven(given + 1);
              onChange([...value, id]);
            }}
            options={left.map((person) => optionOf(person, t("promise_dialog.person_me", { who: person.called })))}
          />
        )}
      </div>
    </div>
  );
}

function inOrder(people: People): Person[] {
  return [...people.all].sort((left, right) => Number(right.me) - Number(left.me));
}

function optionOf(person: Person, asMe: string): Option {
  const label = person.me ? asMe : person.called;
  const hint = [person.role === person.called ? "" : person.role, person.organisation?.name ?? ""]
    .filter(Boolean)
    .join(", ");
  return { value: person.id, label, ...(hint === "" ? {} : { hint }) };
}
