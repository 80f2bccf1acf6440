/** What happens right now. */

import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { call, targetPath } from './api.js';
import { createFilter, levels, textOf } from './event-filter.js';
import { type LiveEvent, LiveFeed } from './live-feed.js';
import { model } from './model.js';
import { Button, Empty, Note } from './parts.js';
import type { Settings, TargetDetails } from './types.js';
import { clockTime, count, exactTime, plural, rate } from './words.js';

const ROW_PX = 30;
const OVERSCAN = 8;
const types = ['logging', 'lifecycle', 'operation'] as const;

export function EventsView() {
  const [type, setType] = useState('');
  const [level, setLevel] = useState<string>('debug');
  const [action, setAction] = useState('');
  const [text, setText] = useState('');
  const [targetName, setTargetName] = useState('');
  const target = useTargetSettings(targetName);
  const feed = useFeed(type);
  /** What is shown while the rest of the world goes on. */
  const [held, setHeld] = useState<readonly LiveEvent[]>();
  const [receivedThen, setReceivedThen] = useState(0);
  const [selected, setSelected] = useState<LiveEvent>();
  const accepts = useMemo(() => createFilter({ level, action, text, target }), [level, action, text, target]);
  useEffect(() => feed?.filter(accepts), [feed, accepts]);

  const hold = () => {
    if (held || !feed) return;
    setHeld(feed.events);
    setReceivedThen(feed.received);
  };
  const goOn = () => {
    setHeld(undefined);
    setSelected(undefined);
  };
  const shown = (held ?? feed?.events ?? []).filter(({ event }) => held === undefined || accepts(event));
  const hasLocations = model.location !== undefined || feed?.hasLocations === true;
  const state = feed?.state ?? 'connecting';
  const missed = held && feed ? feed.received - receivedThen : 0;
  return (
    <section class="live" aria-label="Live events">
      <h1 class="hidden">Live events</h1>
      <div class="tools">
        <select aria-label="Type" value={type} onChange={(event) => setType(event.currentTarget.value)}>
          <option value="">All types</option>
          {types.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <select
          aria-label="Least severe level"
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value)}
        >
          {levels.map((each) => (
            <option key={each} value={each}>
              {each === 'debug' ? 'All levels' : each === 'error' ? 'error only' : `${each} and worse`}
            </option>
          ))}
        </select>
        <select
          class="limited"
          aria-label="Target"
          value={targetName}
          onChange={(event) => setTargetName(event.currentTarget.value)}
        >
          <option value="">For any target</option>
          {model.targets.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <input
          type="search"
          class="search narrow"
          placeholder="Action: instance-*"
          aria-label="Action, stars allowed"
          value={action}
          onInput={(event) => setAction(event.currentTarget.value)}
        />
        <input
          type="search"
          class="search"
          placeholder={hasLocations ? 'Text or member' : 'Text'}
          aria-label="Text in the event, or its member"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span class="grow" />
        {held ? (
          <Button kind="primary" onClick={goOn}>
            Resume
          </Button>
        ) : (
          <Button onClick={hold}>Pause</Button>
        )}
        <Button
          onClick={() => {
            goOn();
            feed?.clear();
          }}
        >
          Clear
        </Button>
      </div>
      <p class="live-state muted number" role="status">
        {typeof state === 'object'
          ? ''
          : held
            ? `Paused: ${plural(missed, 'event')} since`
            : state === 'open'
              ? `${rate(feed?.perSecond ?? 0)} events/s`
              : state === 'away'
                ? 'The stream broke off; it is opened again'
                : 'Connecting…'}
        {state === 'open' && !held && ` · ${count(shown.length)} shown`}
        {(feed?.skipped ?? 0) > 0 && ` · ${count(feed?.skipped ?? 0)} skipped: faster than anybody reads`}
      </p>
      {typeof state === 'object' ? (
        <Note urgency="act">
          {/authorized|allowed/i.test(state.refused) ? 'You may not see events of this type.' : state.refused}
        </Note>
      ) : (
        <div class={`live-panes ${selected ? 'split' : ''}`}>
          <EventList
            events={shown}
            selected={selected}
            onAway={hold}
            onSelect={(event) => {
              hold();
              setSelected(event);
            }}
            isFiltered={(feed?.received ?? 0) > 0}
            hasLocations={hasLocations}
          />
          {selected && <EventDetails live={selected} onClose={() => setSelected(undefined)} />}
        </div>
      )}
    </section>
  );
}

interface EventListProps {
  readonly events: readonly LiveEvent[];
  readonly selected: LiveEvent | undefined;
  readonly isFiltered: boolean;
  /** They are of members that have names. */
  readonly hasLocations: boolean;
  readonly onSelect: (event: LiveEvent) => void;
  /** Somebody reads further down: what they read must stay where it is. */
  readonly onAway: () => void;
}

/** Only the rows that can be seen are there. */
function EventList({ events, selected, isFiltered, hasLocations, onSelect, onAway }: EventListProps) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const height = list.current?.clientHeight ?? 600;
  const from = Math.max(Math.floor(top / ROW_PX) - OVERSCAN, 0);
  const rows = events.slice(from, from + Math.ceil(height / ROW_PX) + 2 * OVERSCAN);
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const index = events.findIndex(({ id }) => id === selected?.id);
    const next = events[Math.min(Math.max(index + step, 0), events.length - 1)];
    if (next === undefined || list.current === null) return;
    onSelect(next);
    const place = events.indexOf(next) * ROW_PX;
    const seen = list.current.scrollTop;
    if (place < seen) list.current.scrollTop = place;
    else if (place + ROW_PX > seen + height) list.current.scrollTop = place + ROW_PX - height;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role is that of a list box, once there is something in it
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both of its roles have a name
    <div
      ref={list}
      class="live-list"
      role={events.length === 0 ? 'region' : 'listbox'}
      tabIndex={0}
      aria-label="Events, the newest first"
      aria-activedescendant={selected ? `event-${selected.id}` : undefined}
      onKeyDown={move}
      onScroll={(event) => {
        setTop(event.currentTarget.scrollTop);
        if (event.currentTarget.scrollTop > ROW_PX) onAway();
      }}
    >
      {events.length === 0 && (
        <Empty title={isFiltered ? 'No event passes the filters yet' : 'Waiting for events'}>
          <p class="muted">They appear here as the service logs them, whatever its targets take.</p>
        </Empty>
      )}
      <div class="live-space" style={{ height: `${events.length * ROW_PX}px` }}>
        {rows.map((live, index) => (
          <EventRow
            key={live.id}
            live={live}
            top={(from + index) * ROW_PX}
            place={from + index + 1}
            size={events.length}
            isSelected={live.id === selected?.id}
            hasLocation={hasLocations}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}

interface EventRowProps {
  readonly live: LiveEvent;
  readonly top: number;
  readonly place: number;
  readonly size: number;
  readonly isSelected: boolean;
  readonly hasLocation: boolean;
  readonly onSelect: (event: LiveEvent) => void;
}

function EventRow({ live, top, place, size, isSelected, hasLocation, onSelect }: EventRowProps) {
  const { type, timestamp, location, metadata } = live.event;
  const mark = type === 'logging' ? (metadata.level ?? '') : type;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus, and names its active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list listens to the keys
    <div
      id={`event-${live.id}`}
      class={`live-row ${isSelected ? 'chosen' : ''}`}
      role="option"
      aria-selected={isSelected}
      aria-posinset={place}
      aria-setsize={size}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(live)}
    >
      <time class="number muted" title={exactTimeOr(timestamp)}>
        {clockTime(timestamp)}
      </time>
      <span class={`level ${mark}`}>{mark}</span>
      {hasLocation && (
        <span class="live-location muted" title={location}>
          {location}
        </span>
      )}
      <span class="live-text">{textOf(live.event)}</span>
    </div>
  );
}

function EventDetails({ live: { event }, onClose }: { live: LiveEvent; onClose: () => void }) {
  return (
    <aside class="live-details" aria-label="The chosen event">
      <header>
        <b>{event.type}</b> {event.location && <span>{event.location}</span>}{' '}
        <span class="muted number">{exactTimeOr(event.timestamp)}</span>
        <button type="button" class="close" aria-label="Close" onClick={onClose}>
          ×
        </button>
      </header>
      <p class="live-message">{textOf(event)}</p>
      <pre tabIndex={0}>{JSON.stringify(event, undefined, 2)}</pre>
    </aside>
  );
}

function exactTimeOr(timestamp: string): string {
  return Number.isNaN(Date.parse(timestamp)) ? timestamp : exactTime(timestamp);
}

/** A stream of these types, as long as the view is there. */
function useFeed(type: string): LiveFeed | undefined {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  const [feed, setFeed] = useState<LiveFeed>();
  useEffect(() => {
    const opened = new LiveFeed(type === '' ? [] : [type], () => draw(undefined));
    setFeed(opened);
    return () => opened.close();
  }, [type]);
  return feed;
}

function useTargetSettings(name: string): Settings | undefined {
  const [found, setFound] = useState<{ name: string; settings: Settings }>();
  useEffect(() => {
    if (name === '') return;
    call<TargetDetails>('GET', targetPath(name)).then(
      ({ metadata }) => metadata.settings && setFound({ name, settings: metadata.settings }),
      (error: unknown) => model.failed(error),
    );
  }, [name]);
  return found?.name === name ? found.settings : undefined;
}
