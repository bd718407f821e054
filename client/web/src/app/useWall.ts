import { useEffect, useMemo } from "react";

import { useSpeech } from "../i18n/intl";
import type { WallActions } from "../screens/wall/actions";
import { WallCommands } from "../state/wall/commands";
import { useApp, useSession } from "./context";
import { navigate } from "./navigation";
import type { PlanRoute } from "./PlanPage";

/** What may be done on a board, for whichever view of it is open. Failures show in the plan's notices. */
export function useWall(board: string, route: PlanRoute): WallActions {
  const session = useSession();
  const { announcer } = useApp();
  const { t, textKey, language } = useSpeech();
  const wall = useMemo(
    () =>
      new WallCommands(
        {
          execute: (command) => session.execute(command),
          note: (id) => session.store.getState().tables.notes.get(id),
          textKey: () => textKey,
          language: () => language,
        },
        board,
      ),
    [session, board, textKey, language],
  );
  const actions = useMemo<WallActions>(() => {
    // The session has put what went wrong on the screen.
    const run = (work: Promise<unknown>) => void work.catch(() => undefined);
    return {
      add: (notes) => wall.add(notes).catch(() => []),
      read: (id, key) => session.store.getState().tables.notes.get(id)?.texts[key] ?? "",
      write: (id, key, text, seen) => wall.write(id, key, text, seen),
      safe: (id, key) => session.notes.safe(id, key),
      colour: (ids, colour) => run(wall.colour(ids, colour)),
      cluster: (ids, cluster) => run(wall.cluster(ids, cluster)),
      group: (title, ids, at) => run(wall.group(title, ids, at)),
      park: (ids) => run(wall.park(ids)),
      archive: (ids) => run(wall.archive(ids)),
      restore: (ids) => run(wall.restore(ids)),
      move: (moves) => run(wall.move(moves)),
      renameCluster: (cluster, title) => run(wall.rename(cluster, title)),
      joinClusters: (from, into) => run(wall.join(from, into)),
      placeCluster: (cluster, at) => run(wall.place(cluster, at)),
      putAway: (cluster) => run(wall.putAway(cluster)),
      promote: (note) => navigate({ ...route, screen: "commitments", id: null, query: { new: note } }),
      undo: () =>
        run(
          wall.undo().then((ids) => announcer.say(t(ids.length > 0 ? "wall.undo_done" : "wall.undo_none"))),
        ),
    };
  }, [wall, session, announcer, route, t]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const writing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
      if (writing || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.key !== "z") return;
      event.preventDefault();
      actions.undo();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [actions]);
  return actions;
}
