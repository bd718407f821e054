/** Prints figures as `cargo xtask bench` reads them. */

export interface Figure {
  name: string;
  unit: "ms" | "MiB";
  goal: string;
  values: readonly number[];
}

/** The value is the median of what was measured; how many there were and the 95th percentile stand beside it. */
export function tell({ name, unit, goal, values }: Figure): void {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  const figure = {
    name,
    value: at(0.5),
    unit,
    goal,
    p95: at(0.95),
    least: sorted[0],
    measured: sorted.length,
  };
  console.log(`BENCH ${JSON.stringify(figure)}`);
}
