import { ArrowRight, KeyRound, Link2, MoreVertical, Plus, Shapes } from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { PlanInfo } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button, IconButton } from "../../parts/Button";
import { Dialog } from "../../parts/Dialog";
import { Menu } from "../../parts/Menu";
import { Pill } from "../../parts/Pill";
import { Mark } from "../shell/Shell";
import style from "./Start.module.css";

export interface StartProps {
  plans: PlanInfo[];
  hrefOf: (plan: PlanInfo) => string;
  onJoin: () => void;
  onNew: () => void;
  onSample: () => void;
  onRemove: (plan: PlanInfo) => void;
  busy: boolean;
  /** Language and light. */
  corner: ReactNode;
  notices?: ReactNode;
}

/** The first visit explains itself in three lines; later ones begin with the plans that are here. */
export function Start(props: StartProps) {
  const { plans, hrefOf, onRemove, corner, notices } = props;
  const { t } = useSpeech();
  const [removing, setRemoving] = useState<PlanInfo | null>(null);
  return (
    <div className={style.page}>
      <header className={style.bar}>
        <span className={style.brand}>
          <Mark /> {t("app.name")}
        </span>
        {corner}
      </header>
      <main className={style.main}>
        {notices}
        <section className={style.words}>
          <h1 className={style.title}>{t("start.title")}</h1>
          <ul className={style.lines}>
            <li>{t("start.line1")}</li>
            <li>{t("start.line2")}</li>
            <li>{t("start.line3")}</li>
          </ul>
        </section>
        <section className={style.doors} aria-label={t("start.plans")}>
          {plans.length > 0 && (
            <>
              <h2 className={style.heading}>{t("start.plans")}</h2>
              <ul className={style.plans}>
                {plans.map((plan) => (
                  <li key={plan.id} className={style.plan}>
                    <a href={hrefOf(plan)} className={style.planLink}>
                      <span className={style.planTitle}>{plan.title || t("start.plan_untitled")}</span>
                      <PlanSign plan={plan} />
                    </a>
                    <Menu
                      label={t("common.more_actions")}
                      placement="bottom end"
                      groups={[
                        {
                          choices: [
                            {
                              id: "remove",
                              label: t("start.remove"),
                              look: "attention",
                              onChoose: () => setRemoving(plan),
                            },
                          ],
                        },
                      ]}
                    >
                      <IconButton icon={MoreVertical} label={`${t("common.more_actions")}: ${plan.title}`} />
                    </Menu>
                  </li>
                ))}
              </ul>
            </>
          )}
          <div className={plans.length > 0 ? style.few : style.all}>
            <Door icon={Link2} title={t("start.join")} hint={t("start.join_hint")} onPress={props.onJoin} />
            <Door icon={Plus} title={t("start.new")} hint={t("start.new_hint")} onPress={props.onNew} />
            <Door
              icon={Shapes}
              title={t("start.sample")}
              hint={t("start.sample_hint")}
              onPress={props.onSample}
              busy={props.busy}
            />
          </div>
        </section>
      </main>
      <Dialog
        title={t("start.remove_title")}
        open={removing !== null}
        onClose={() => setRemoving(null)}
        alert
        actions={
          <>
            <Button onPress={() => setRemoving(null)}>{t("common.cancel")}</Button>
            <Button
              look="attention"
              onPress={() => {
                if (removing) onRemove(removing);
                setRemoving(null);
              }}
            >
              {t("start.remove_do")}
            </Button>
          </>
        }
      >
        <p className={style.removing}>{removing?.title}</p>
        <p>{t("start.remove_body")}</p>
      </Dialog>
    </div>
  );
}

function PlanSign({ plan }: { plan: PlanInfo }) {
  const { t } = useSpeech();
  if (plan.state === "joining") return <Pill tone="amber">{t("start.plan_joining")}</Pill>;
  if (plan.state === "refused") return <Pill tone="lingon">{t("start.plan_refused")}</Pill>;
  return plan.sample ? <Pill icon={KeyRound}>{t("start.plan_sample")}</Pill> : null;
}

interface DoorProps {
  icon: LucideIcon;
  title: string;
  hint: string;
  busy?: boolean;
  onPress: () => void;
}

function Door({ icon: Icon, title, hint, busy, onPress }: DoorProps) {
  return (
    <button type="button" className={style.door} onClick={onPress} disabled={busy}>
      <span className={style.doorIcon}>
        <Icon aria-hidden />
      </span>
      <span className={style.doorWords}>
        <span className={style.doorTitle}>{title}</span>
        <span className={style.doorHint}>{hint}</span>
      </span>
      <ArrowRight aria-hidden className={style.arrow} />
    </button>
  );
}
