import { EllipsisVertical, X } from "lucide-react";

import type { ClusterCard, NoteCard } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { Button, IconButton } from "../../parts/Button";
import { Menu } from "../../parts/Menu";
import { classes } from "../../parts/classes";
import style from "./SelectionBar.module.css";
import type { WallActions } from "./actions";
import { noteMenu } from "./noteMenu";

interface SelectionBarProps {
  notes: readonly NoteCard[];
  clusters: readonly ClusterCard[];
  actions: WallActions;
  onNewCluster: (ids: readonly string[]) => void;
  onClear: () => void;
  /** Over the tools of the wall rather than beside them. */
  overTools: boolean;
}

/** What may be done to all chosen notes at once. */
export function SelectionBar({ notes, clusters, actions, onNewCluster, onClear, overTools }: SelectionBarProps) {
  const speech = useSpeech();
  const { t } = speech;
  if (notes.length === 0) return null;
  return (
    <div className={classes(style.bar, overTools && style.over)} role="toolbar" aria-label={t("select.count", { count: notes.length })}>
      <span className={style.count}>{t("select.count", { count: notes.length })}</span>
      <Button look="primary" size="small" onPress={() => onNewCluster(notes.map((note) => note.id))}>
        {t("cluster.new_title")}
      </Button>
      <Menu
        label={t("common.more_actions")}
        placement="top end"
        groups={noteMenu(notes, { actions, clusters, onNewCluster }, speech)}
      >
        <IconButton icon={EllipsisVertical} label={t("common.more_actions")} />
      </Menu>
      <IconButton icon={X} label={t("common.clear")} onPress={onClear} />
    </div>
  );
}
