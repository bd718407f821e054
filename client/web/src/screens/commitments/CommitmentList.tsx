import type { CommitmentView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import type { Group } from "../../state/commitments/filters";
import type { People } from "../../state/people";
import style from "./CommitmentList.module.css";
import { CommitmentRow } from "./CommitmentRow";

interface CommitmentListProps {
  groups: readonly Group[];
  people: People;
  hrefOf: (commitment: CommitmentView) => string;
  /** The commitment whose page is open. */
  current: string | null;
  glowing: ReadonlySet<string>;
}

/** Commitments under their headings. */
export function CommitmentList({ groups, people, hrefOf, current, glowing }: CommitmentListProps) {
  const { t } = useSpeech();
  return (
    <div className={style.list}>
      {groups.map((group) => (
        <section key={group.id} aria-label={group.title}>
          <header className={style.head}>
            <h2 className={style.title}>{group.title}</h2>
            <span className={style.count}>{t("promises.count", { count: group.commitments.length })}</span>
          </header>
          <ul className={style.rows}>
            {group.commitments.map((commitment) => (
              <CommitmentRow
                key={commitment.id}
                commitment={commitment}
                people={people}
                href={hrefOf(commitment)}
                current={commitment.id === current}
                glows={glowing.has(`commitment/${commitment.id}`)}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** Nothing in the plan yet: what a commitment is, and how one begins. */
export function NoCommitments({ onNew }: { onNew: (() => void) | null }) {
  const { t } = useSpeech();
  return (
    <Empty
      title={t("commitments.empty_title")}
      drawing={<Hands />}
      action={
        onNew && (
          <Button look="primary" onPress={onNew}>
            {t("commitments.new")}
          </Button>
        )
      }
    >
      {t("commitments.empty_body")}
    </Empty>
  );
}

/** Nothing that passes the filters. */
export function NoneSuch({ onClear }: { onClear: () => void }) {
  const { t } = useSpeech();
  return (
    <Empty
      title={t("promises.none_title")}
      action={<Button onPress={onClear}>{t("promises.none_clear")}</Button>}
    >
      {t("promises.none_body")}
    </Empty>
  );
}

/** A note that becomes a promise with a date. */
function Hands() {
  return (
    <svg viewBox="0 0 160 84" width="160" height="84" className={style.drawing}>
      <rect x="8" y="14" width="52" height="52" rx="2" className={style.note} transform="rotate(-3 34 40)" />
      <path d="M19 32h28M18 42h22" className={style.lines} />
      <path d="M70 42h16m-6-6l7 6-7 6" className={style.lines} />
      <rect x="96" y="10" width="56" height="64" rx="5" className={style.card} />
      <path d="M106 26h36M106 37h28" className={style.lines} />
      <path d="M107 56l7 7 13-15" className={style.tick} />
    </svg>
  );
}
