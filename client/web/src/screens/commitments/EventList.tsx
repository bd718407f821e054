import { CircleAlert } from "lucide-react";

import type { CommitmentView, EventView } from "../../core/api";
import { useSpeech } from "../../i18n/intl";
import { OrgDot } from "../../parts/Swatch";
import { eventText, eventWords } from "../../state/eventWords";
import type { People } from "../../state/people";
import style from "./EventList.module.css";

interface EventListProps {
  events: readonly EventView[];
  people: People;
  commitments: ReadonlyMap<string, CommitmentView>;
}

/** What has happened to a commitment, the newest first. */
export function EventList({ events, people, commitments }: EventListProps) {
  return (
    <ol className={style.events}>
      {[...events].reverse().map((event) => (
        <EventLine key={event.record} event={event} people={people} commitments={commitments} />
      ))}
    </ol>
  );
}

export function EventLine({ event, people, commitments }: Omit<EventListProps, "events"> & { event: EventView }) {
  const speech = useSpeech();
  const { t, moment } = speech;
  const who = people.person(event.by);
  const text = eventText(event.event, speech.textKey);
  const words = eventWords(event.event, people, commitments, speech);
  const stated = event.stated_at === null ? NaN : Date.parse(event.stated_at);
  const time = Number.isNaN(stated) ? event.time_ms : stated;
  return (
    <li className={style.event}>
      <p className={style.head}>
        {who.organisation && <OrgDot colour={who.organisation.colour} />}
        <strong>{who.called}</strong> {words.charAt(0).toLowerCase() + words.slice(1)}
      </p>
      {text !== "" && <p className={style.text}>{text}</p>}
      <p className={style.time}>
        <time dateTime={new Date(time).toISOString()}>{moment(time)}</time>
        {event.stated && <span> · {t("card.stated")}</span>}
      </p>
      {event.ineffective !== null && (
        <p className={style.left}>
          <CircleAlert aria-hidden /> {t("card.ineffective", { reason: event.ineffective })}
        </p>
      )}
    </li>
  );
}
