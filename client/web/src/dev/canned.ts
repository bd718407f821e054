/** A core that shows the sample plan and changes nothing: what it is asked to do it says in the console. */
import type { Core, Member, PlanInfo, PlanOpened, Views } from "../core/api";
import { CoreError } from "../core/error";
import { BOARD, clusters, commitments, events, ME, notes, participants, things } from "./views";
import { blankPlan, blankStatus } from "../core/testing/blank";

const PLAN = "5a3f0c1d".repeat(8);
const NOW = Date.parse("2027-02-10T16:20:00+02:00");

const opened: PlanOpened = {
  id: PLAN,
  ready: true,
  title: "Ingen ensam i Lindsund",
  member: ME,
  participant: ME,
  role: "admin",
  boards: [BOARD],
};

const members: Member[] = participants.slice(0, 12).map((one, index) => ({
  id: one.id,
  name: one.called,
  organisation: one.organisation_name,
  role_title: one.role_title,
  participant: one.id,
  role: index === 0 ? "admin" : index === 6 ? "reader" : "editor",
  is_in: index !== 9,
  me: one.me,
  admitted_by: index === 0 ? null : "p-01",
  devices: [
    { id: `${one.id}-a`, is_in: true, this_device: one.me },
    ...(index % 4 === 1 ? [{ id: `${one.id}-b`, is_in: true, this_device: false }] : []),
  ],
  last_seen_ms: index % 3 === 0 ? NOW - index * 5_400_000 : null,
}));

type Answers = { [Name in keyof Views]: (query: Views[Name]["query"]) => Views[Name]["answer"] };

const answers: Answers = {
  plan: () => ({
    ...blankPlan,
    title: opened.title,
    titles: { sv: opened.title, fi: "Kukaan ei yksin Lindsundissa" },
    purpose: "Minska ensamhet och ge familjer stöd i tid",
    fields: { next_review: "2027-03-24" },
    relays: ["wss://rela.lindsund.example"],
    counts: {},
    agreements: [],
  }),
  notes: () => notes,
  clusters: () => clusters,
  commitments: () => commitments,
  commitment: ({ id }) => commitments.find((one) => one.id === id) ?? null,
  commitment_events: ({ id }) => commitments.find((one) => one.id === id)?.history ?? [],
  commitment_choices: () => [],
  participants: () => participants,
  things: ({ kind }) => things(kind),
  thing: ({ kind, id }) => things(kind).find((one) => one.id === id) ?? null,
  questions: () => commitments.flatMap((one) => one.questions),
  may_settle: () => true,
  privacy_hints: () => [],
};

export function cannedCore(): Core {
  const fresh = window.location.search.includes("fresh");
  const listed: PlanInfo[] = fresh
    ? []
    : [
        { id: PLAN, title: opened.title, state: "ready", sample: false },
        { id: "77".repeat(32), title: "Övergångar utan glapp", state: "joining", sample: false },
      ];
  const refuse = (what: string, value?: unknown) => {
    console.info(what, value);
    return Promise.reject(new CoreError("refused", `canned views change nothing (${what})`));
  };
  return {
    identity: () =>
      Promise.resolve(
        fresh
          ? null
          : {
              name: "Familjearbetare",
              organisation: "Hemservicen för barnfamiljer",
              role_title: "Familjearbetare",
              language: "sv-FI",
            },
      ),
    setIdentity: () => Promise.resolve(),
    plans: () => Promise.resolve(listed),
    createPlan: (request) => refuse("createPlan", request),
    importSample: () => refuse("importSample"),
    importPlan: (request) => refuse("importPlan", request),
    readInvitation: () =>
      Promise.resolve({ plan: PLAN, relays: ["wss://rela.lindsund.example"], known: null }),
    join: () => Promise.resolve({ plan: PLAN, state: "waiting", check_code: "402 817" }),
    joinState: () => Promise.resolve({ plan: PLAN, state: "waiting", check_code: "402 817" }),
    openPlan: () => Promise.resolve(opened),
    closePlan: () => Promise.resolve(),
    removePlan: (plan) => refuse("removePlan", plan),
    execute: (_, command) => refuse("execute", command),
    saved: () => Promise.resolve(),
    retry: () => Promise.resolve(),
    view: (_, name, ...[query]) => Promise.resolve((answers[name] as (query: unknown) => never)(query ?? {})),
    status: () =>
      Promise.resolve({
        ...blankStatus,
        entries_here: 318,
        unsaved: 0,
        only_here: 0,
        relays: [
          {
            url: "wss://rela.lindsund.example",
            connected: true,
            connection: "connected",
            lacking: 0,
            lacking_own: 0,
            last_contact_ms: NOW,
            known: true,
            trouble: null,
          },
        ],
        devices: members
          .filter((one) => !one.me)
          .map((one, index) => ({
            device: `${one.id}-a`,
            member: one.id,
            lacking_own: index % 4 === 3 ? 2 : 0,
            lacking: 0,
            said_ms: index % 5 === 4 ? null : NOW - index * 900_000,
          })),
        quarantined: 0,
        unreadable: 0,
        waiting: 0,
        store_failure: null,
      }),
    members: () => Promise.resolve(members),
    changeRole: (...all) => refuse("changeRole", all),
    removeMember: (...all) => refuse("removeMember", all),
    removeDevice: (...all) => refuse("removeDevice", all),
    leave: (...all) => refuse("leave", all),
    lateEntries: () => Promise.resolve([]),
    acceptLate: (...all) => refuse("acceptLate", all),
    invites: () =>
      Promise.resolve([
        {
          id: "i1",
          role: "editor",
          expires_at_ms: NOW + 86_400_000,
          uses: 20,
          used: 5,
          closed: null,
          link: `https://rela.lindsund.example/#/join/1.${"Qk3xV9aZ".repeat(16)}`,
        },
      ]),
    invite: (...all) => refuse("invite", all),
    revokeInvite: (...all) => refuse("revokeInvite", all),
    knocks: () =>
      Promise.resolve(
        [
          { name: "Ungdomsarbetare", organisation: "Lindsunds ungdomsgård", code: "402 817" },
          { name: "Kökschef", organisation: "Lindsunds skola", code: "118 350" },
        ].map(({ name, organisation, code }) => ({
          device: code,
          name,
          organisation,
          role_title: name,
          check_code: code,
          made_ms: NOW - 60_000,
          role: "editor" as const,
          closed: null,
        })),
      ),
    admit: (...all) => refuse("admit", all),
    refuseKnock: (...all) => refuse("refuseKnock", all),
    openDoor: (...all) => refuse("openDoor", all),
    closeDoor: (...all) => refuse("closeDoor", all),
    door: () => Promise.resolve(null),
    present: () => Promise.resolve(),
    exportFile: (_, { format }) =>
      format === "json"
        ? Promise.resolve({
            name: "plan.json",
            type: "application/json",
            bytes: new TextEncoder().encode("{}"),
          })
        : refuse("exportFile", format),
    importFile: (...all) => refuse("importFile", all),
    history: () =>
      Promise.resolve(
        events.map((one, index) => ({
          entry: one.record,
          log: "l",
          number: index,
          member: one.by,
          name: participants.find(({ id }) => id === one.by)?.called ?? "",
          document: null,
          left_out: null,
          deeds: [
            {
              what: one.event.type,
              entities: [{ kind: "commitment" as const, id: "c-04" }],
              time_ms: one.time_ms,
            },
          ],
        })),
      ),
    verify: () =>
      Promise.resolve({
        entries: 318,
        opened: 318,
        without_body: 0,
        faults: [],
        left_out: [],
        void_operations: [],
        sound: true,
      }),
    storage: () => Promise.resolve({ persisted: false, usage_bytes: 1_840_000, quota_bytes: 2_100_000_000 }),
    persistStorage: () => Promise.resolve(false),
    drafts: () => Promise.resolve({}),
    keepDraft: () => Promise.resolve(),
    subscribe: () => () => undefined,
  };
}
