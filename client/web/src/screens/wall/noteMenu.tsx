import {
  ArchiveRestore,
  FolderInput,
  Handshake,
  PencilLine,
  SquareParking,
  Trash2,
} from "lucide-react";

import type { ClusterCard, NoteCard } from "../../core/api";
import type { Speech } from "../../i18n/intl";
import type { MenuChoice, MenuGroup } from "../../parts/Menu";
import { NamedSwatch } from "../../parts/Swatch";
import { colourOf, NOTE_COLOURS } from "../../state/wall/colours";
import type { WallActions } from "./actions";

interface NoteMenuContext {
  actions: WallActions;
  clusters: readonly ClusterCard[];
  onWrite?: () => void;
  /** Asks for a new cluster's name, for these notes. */
  onNewCluster: (ids: readonly string[]) => void;
}

/** Everything that may be done to notes without dragging. */
export function noteMenu(notes: readonly NoteCard[], context: NoteMenuContext, { t }: Speech): MenuGroup[] {
  const { actions, clusters, onWrite, onNewCluster } = context;
  const ids = notes.map((note) => note.id);
  const [only] = notes.length === 1 ? notes : [];
  const put = notes.every((note) => note.state === "parked" || note.state === "archived");
  const first: MenuChoice[] = [];
  if (only && onWrite) first.push({ id: "write", label: t("note.edit"), icon: PencilLine, onChoose: onWrite });
  if (only && !put) {
    first.push({
      id: "promote",
      label: t("note.promote"),
      icon: Handshake,
      onChoose: () => actions.promote(only.id),
    });
  }
  const moves: MenuChoice[] = clusters.map((cluster) => ({
    id: `cluster-${cluster.id}`,
    label: cluster.title || t("common.untitled"),
    current: notes.every((note) => note.cluster === cluster.id),
    onChoose: () => actions.cluster(ids, cluster.id),
  }));
  return [
    { choices: first },
    {
      title: t("note.move"),
      choices: [
        ...moves,
        {
          id: "no-cluster",
          label: t("note.no_cluster"),
          current: notes.every((note) => note.cluster === null),
          onChoose: () => actions.cluster(ids, null),
        },
        {
          id: "new-cluster",
          label: t("note.new_cluster"),
          icon: FolderInput,
          onChoose: () => onNewCluster(ids),
        },
      ],
    },
    {
      title: t("note.colour"),
      choices: NOTE_COLOURS.map((colour) => ({
        id: `colour-${colour}`,
        label: t(`colour.${colour}`),
        shown: <NamedSwatch colour={colour} />,
        current: notes.every((note) => colourOf(note.colour) === colour),
        onChoose: () => actions.colour(ids, colour),
      })),
    },
    {
      choices: put
        ? [
            {
              id: "restore",
              label: t("note.restore"),
              icon: ArchiveRestore,
              onChoose: () => actions.restore(ids),
            },
          ]
        : [
            { id: "park", label: t("note.park"), icon: SquareParking, onChoose: () => actions.park(ids) },
            {
              id: "delete",
              label: t("note.delete"),
              icon: Trash2,
              look: "attention",
              onChoose: () => actions.archive(ids),
            },
          ],
    },
  ];
}
