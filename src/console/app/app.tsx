/** The frame around the views. */

import { useEffect, useState } from 'preact/hooks';
import { hasToken } from './api.js';
import { EventsView } from './events-view.js';
import { linkTo, useModel, useNow, useRoute } from './hooks.js';
import { model } from './model.js';
import { Ago, Button, Empty } from './parts.js';
import { SettingsView } from './settings-view.js';
import { TargetEditor } from './target-editor.js';
import { TargetView } from './target-view.js';
import { TargetsView } from './targets-view.js';
import { TokenPrompt } from './token-prompt.js';
import { clockTime, countdown } from './words.js';

export function App() {
  const { phase, isTokenWrong, away } = useModel();
  const route = useRoute();
  useTitle(route);
  if (phase === 'token') return <TokenPrompt isWrong={isTokenWrong} />;
  return (
    <>
      <button type="button" class="skip button" onClick={skip}>
        Skip to the content
      </button>
      <Header place={route[0] ?? ''} />
      <AwayBar />
      <main id="main" tabIndex={-1} class={away ? 'stale' : ''}>
        {phase === 'denied' ? <Denied /> : phase === 'starting' ? <Starting /> : <View route={route} />}
      </main>
    </>
  );
}

function View({ route: [place = '', name = '', tab = ''] }: { route: readonly string[] }) {
  switch (place) {
    case 'targets':
      return name === '' ? <TargetsView /> : <TargetView key={name} name={name} tab={tab} />;
    case 'new':
      return <TargetEditor />;
    case 'events':
      return <EventsView />;
    case 'settings':
      return <SettingsView />;
    default:
      return <TargetsView />;
  }
}

const places = [
  { id: '', name: 'Targets' },
  { id: 'events', name: 'Live events' },
  { id: 'settings', name: 'Settings' },
];

function Header({ place }: { place: string }) {
  const { updatedMs, away, userName, phase, location } = useModel();
  const current = place === 'targets' || place === 'new' ? '' : place;
  return (
    <header class="top">
      <a class="brand" href={linkTo()}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="7" />
          <path d="M7 10h9M7 16h9M7 22h9M19 16h6m-3-3.5 3.5 3.5-3.5 3.5" />
        </svg>
        Log targets
      </a>
      {location !== undefined && (
        <span class="member" title={`The numbers on this page are those of the member ${location}`}>
          <span class="hidden">Member </span>
          {location}
        </span>
      )}
      <nav aria-label="Main">
        {places.map(({ id, name }) => (
          <a
            key={id}
            href={id === '' ? linkTo() : linkTo(id)}
            aria-current={current === id ? 'page' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
      <span class="grow" />
      <span class="pulse muted" data-away={away !== undefined}>
        {phase === 'ready' && !away && updatedMs > 0 && (
          <>
            <span class="dot" aria-hidden="true" /> <span class="wide">updated</span> <Ago at={updatedMs} />
          </>
        )}
      </span>
      <ThemeButton />
      {hasToken() && (
        <Button
          onClick={() => model.signOut()}
          title={userName ? `Signed in as ${userName}` : 'Forget the token'}
        >
          Sign out
        </Button>
      )}
    </header>
  );
}

const themes = ['system', 'light', 'dark'] as const;

function ThemeButton() {
  const [theme, setTheme] = useState(localStorage.getItem('log-targets-theme') ?? 'system');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('log-targets-theme', theme);
  }, [theme]);
  const next = themes[(themes.indexOf(theme as (typeof themes)[number]) + 1) % themes.length] ?? 'system';
  const faces: Readonly<Record<string, string>> = { system: '◐', light: '☀', dark: '☾' };
  return (
    <button
      type="button"
      class="icon"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={() => setTheme(next)}
    >
      <span aria-hidden="true">{faces[theme] ?? '◐'}</span>
    </button>
  );
}

/** Lies over the page: nothing moves when the server goes or comes back. */
function AwayBar() {
  const { away, updatedMs } = useModel();
  const now = useNow();
  return (
    <div class="away" role="status" data-shown={away !== undefined}>
      {away && (
        <>
          <b>The server does not answer</b> since {clockTime(away.sinceMs).slice(0, 8)}.
          {updatedMs > 0 && <span> What you see is from {clockTime(updatedMs).slice(0, 8)}.</span>}{' '}
          <span class="number">Trying again {countdown(away.nextMs, now)}.</span>{' '}
          <Button onClick={() => model.refresh()}>Try now</Button>
        </>
      )}
    </div>
  );
}

function Starting() {
  const { away } = useModel();
  return <p class="muted loading">{away ? 'Waiting for the server…' : 'Loading…'}</p>;
}

function Denied() {
  const { userName } = useModel();
  return (
    <Empty title="You may not look at this">
      <p>
        {userName ? `You are known as ${userName}, but` : 'The server knows you, but'} reading is not among
        what you are allowed. Whoever runs the service can change that.
      </p>
      {hasToken() && <Button onClick={() => model.signOut()}>Use another token</Button>}
    </Empty>
  );
}

function skip(): void {
  document.getElementById('main')?.focus();
}

function useTitle([place = '', name = '']: readonly string[]): void {
  const { targets } = useModel();
  const troubled = targets.filter(({ state }) => state === 'down' || state === 'retrying').length;
  const own =
    place === 'targets' ? name : place === 'events' ? 'Live events' : place === 'settings' ? 'Settings' : '';
  useEffect(() => {
    document.title = `${troubled > 0 ? `(${troubled}) ` : ''}${own === '' ? '' : `${own} · `}Log targets`;
  }, [troubled, own]);
}
