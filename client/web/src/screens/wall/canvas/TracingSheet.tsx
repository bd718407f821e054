import type { NodeProps } from "@xyflow/react";
import { memo } from "react";

import { useSpeech } from "../../../i18n/intl";
import { classes } from "../../../parts/classes";
import { ClusterMenu } from "../WallList";
import style from "./TracingSheet.module.css";
import { useCanvas } from "./context";
import type { SheetNode } from "./nodes";

/** A cluster: a sheet of tracing paper under its notes, with the theme's name as a heading. */
export const TracingSheet = memo(function TracingSheet({ data }: NodeProps<SheetNode>) {
  const { cluster, clusters, count, target } = data;
  const { t } = useSpeech();
  const { actions, mayEdit } = useCanvas();
  const title = cluster.title || t("common.untitled");
  return (
    <section className={classes(style.sheet, target && style.target)} aria-label={t("canvas.sheet", { title })}>
      <header className={classes(style.head, "sheet-handle")}>
        <h2 className={style.title}>{title}</h2>
        <span className={style.count}>{count}</span>
        {mayEdit && (
          <span className="nodrag">
            <ClusterMenu cluster={cluster} empty={count === 0} actions={actions} clusters={clusters} />
          </span>
        )}
      </header>
      {count === 0 && <p className={style.none}>{t("wall.empty_cluster")}</p>}
    </section>
  );
});
