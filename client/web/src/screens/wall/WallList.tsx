import { ChevronRight, EllipsisVertical } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { Button as AriaButton, Disclosure, DisclosurePanel } from "react-aria-components";

import type { ClusterCard, NoteCard } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { IconButton } from "../../parts/Button";
import { Menu, type MenuGroup } from "../../parts/Menu";
import type { People } from "../../state/people";
import { keyOf } from "../../state/remote";
import type { Section, WallView } from "../../state/wall/sections";
import { AddNote } from "./AddNote";
import { NameDialog } from "./NameDialog";
import { NoteRow } from "./NoteRow";
import style from "./WallList.module.css";
import type { WallActions } from "./actions";

export interface WallListProps {
  board: string;
  view: WallView;
  /** The clusters that show; the same list until one of them changes. */
  clusters: readonly ClusterCard[];
  people: People;
  actions: WallActions;
  mayEdit: boolean;
  /** Who writes in which note just now. */
  writers: ReadonlyMap<string, readonly string[]>;
  glowing: ReadonlySet<string>;
  /** Chosen notes; `null` while nothing is being chosen. */
  selection: ReadonlySet<string> | null;
  onSelect: (id: string, selected: boolean) => void;
  onNewCluster: (ids: readonly string[]) => void;
  /** Which note is being written here. */
  writing: string | null;
  onWriting: (id: string | null) => void;
}

/** The wall as a list: frame > cluster > note, with the same powers. */
export function WallList(props: WallListProps) {
  const { t } = useSpeech();
  const { view, mayEdit } = props;
  const hasLoose = view.sections.some((section) => section.cluster === null);
  // There before its first note, whoever writes that: nobody's line is taken from under their hands.
  const sections = mayEdit && !hasLoose ? [NO_LOOSE, ...view.sections] : view.sections;
  return (
    <div className={style.list}>
      <div className={style.sheets}>
        {sections.map((section) => (
          <Sheet key={section.cluster?.id ?? ""} section={section} {...props} />
        ))}
      </div>
      <Drawer title={t("wall.parking")} hint={t("wall.parking_hint")} count={view.parked.length}>
        <Rows notes={view.parked} {...props} />
      </Drawer>
      <Drawer title={t("wall.tray")} hint={t("wall.tray_hint")} count={view.tray.length}>
        <Rows notes={view.tray} {...props} />
      </Drawer>
    </div>
  );
}

const NO_LOOSE: Section = { cluster: null, notes: [] };

const Sheet = memo(function Sheet({ section, ...props }: WallListProps & { section: Section }) {
  const { t } = useSpeech();
  const { cluster, notes } = section;
  const { actions, board, mayEdit } = props;
  const title = cluster === null ? t("wall.loose") : cluster.title || t("common.untitled");
  // Before the first loose note there is only the line to write it by.
  const bare = cluster === null && notes.length === 0;
  return (
    <section className={bare ? style.first : cluster ? style.sheet : style.loose} aria-label={title}>
      {!bare && (
        <header className={style.head}>
          <h2 className={style.title}>{title}</h2>
          <span className={style.count}>{t("wall.notes_count", { count: notes.length })}</span>
          {cluster && mayEdit && (
            <ClusterMenu
              cluster={cluster}
              clusters={props.clusters}
              empty={notes.length === 0}
              actions={actions}
            />
          )}
        </header>
      )}
      {notes.length > 0 && <Rows notes={notes} {...props} />}
      {notes.length === 0 && !bare && <p className={style.none}>{t("wall.empty_cluster")}</p>}
      {mayEdit && (
        <AddNote
          label={cluster ? t("wall.add_in", { cluster: title }) : t("wall.add")}
          name={`${board}/${cluster?.id ?? ""}`}
          onAdd={(texts) => actions.add(texts.map((text) => ({ text, cluster: cluster?.id ?? null })))}
        />
      )}
    </section>
  );
});

function Rows({ notes, ...props }: WallListProps & { notes: readonly NoteCard[] }) {
  return (
    <ul className={style.rows}>
      {notes.map((note) => (
        <NoteRow
          key={note.id}
          note={note}
          author={props.people.person(note.author)}
          writers={props.writers.get(note.id) ?? NOBODY}
          clusters={props.clusters}
          actions={props.actions}
          mayEdit={props.mayEdit}
          writing={props.writing === note.id}
          onWriting={props.onWriting}
          onNewCluster={props.onNewCluster}
          selected={props.selection ? props.selection.has(note.id) : null}
          onSelect={props.onSelect}
          glows={props.glowing.has(keyOf({ kind: "note", id: note.id }))}
        />
      ))}
    </ul>
  );
}

const NOBODY: readonly string[] = [];

interface ClusterMenuProps extends Pick<WallListProps, "actions"> {
  cluster: ClusterCard;
  clusters: readonly ClusterCard[];
  empty: boolean;
}

export function ClusterMenu({ cluster, clusters, empty, actions }: ClusterMenuProps) {
  const { t } = useSpeech();
  const [naming, setNaming] = useState(false);
  const others = clusters.filter((other) => other.id !== cluster.id);
  const label = t("cluster.actions", { title: cluster.title });
  const groups: MenuGroup[] = [
    { choices: [{ id: "rename", label: t("cluster.rename"), onChoose: () => setNaming(true) }] },
    {
      title: t("cluster.merge"),
      choices: others.map((other) => ({
        id: other.id,
        label: other.title || t("common.untitled"),
        onChoose: () => actions.joinClusters(cluster.id, other.id),
      })),
    },
    {
      choices: empty
        ? [{ id: "away", label: t("cluster.put_away"), onChoose: () => actions.putAway(cluster.id) }]
        : [],
    },
  ];
  return (
    <>
      <Menu label={label} placement="bottom end" groups={groups}>
        <IconButton icon={EllipsisVertical} label={label} />
      </Menu>
      {naming && (
        <NameDialog
          title={t("cluster.rename")}
          label={t("cluster.name")}
          action={t("common.save")}
          initial={cluster.title}
          onClose={() => setNaming(false)}
          onName={(title) => actions.renameCluster(cluster.id, title)}
        />
      )}
    </>
  );
}

interface DrawerProps {
  title: string;
  hint: string;
  count: number;
  children: ReactNode;
}

/** What is out of sight until it is asked for. */
function Drawer({ title, hint, count, children }: DrawerProps) {
  const { t } = useSpeech();
  if (count === 0) return null;
  return (
    <Disclosure className={style.drawer}>
      <h2>
        <AriaButton slot="trigger" className={style.open}>
          <ChevronRight aria-hidden className={style.arrow} />
          {title}
          <span className={style.count}>{t("wall.notes_count", { count })}</span>
          <span className={style.hint}>{hint}</span>
        </AriaButton>
      </h2>
      <DisclosurePanel>
        <div className={style.inside}>{children}</div>
      </DisclosurePanel>
    </Disclosure>
  );
}
