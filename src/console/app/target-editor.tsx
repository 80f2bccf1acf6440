/** The settings of one target as a form: tested before they are saved, and what changes is shown. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, call, targetPath } from './api.js';
import { ChangeList } from './change-list.js';
import { changesBetween, isSame, mergePatchOf, patchOf, problemsOf } from './changes.js';
import { FieldRow } from './fields.js';
import { linkTo, useAction } from './hooks.js';
import { loadSchema } from './load-schema.js';
import { model } from './model.js';
import { Button, Dialog, Empty, Note } from './parts.js';
import { PingNote } from './ping-note.js';
import { type Field, type SettingsSchema, standardsOf } from './schema.js';
import type { PingResult, Settings, TargetDetails } from './types.js';
import { events } from './words.js';

/** Keys that belong together; what the schema has beyond them comes last. */
const groups: readonly {
  readonly title: string;
  readonly keys: readonly string[];
  readonly isOpen?: boolean;
}[] = [
  {
    title: 'Where',
    keys: ['name', 'address', 'username', 'password', 'bearer_token', 'auth_scheme', 'enabled'],
    isOpen: true,
  },
  {
    title: 'What it gets',
    keys: ['level', 'scopes', 'lifecycle_actions', 'lifecycle_projects', 'event_format', 'format_options'],
    isOpen: true,
  },
  {
    title: 'Requests',
    keys: [
      'body_format',
      'batch_size',
      'batch_bytes',
      'batch_wait',
      'compression',
      'headers',
      'concurrency',
      'timeout',
    ],
  },
  { title: 'When it fails', keys: ['retry_count', 'retry_timeout'] },
  {
    title: 'TLS and signatures',
    keys: ['ca_cert', 'client_cert', 'client_key', 'tls_min_version', 'signing_secrets'],
  },
  { title: 'Proxy', keys: ['proxy', 'proxy_username', 'proxy_password'] },
  {
    title: 'Secrets in files',
    keys: ['password_file', 'bearer_token_file', 'client_key_file', 'signing_secrets_file'],
  },
];

interface Loaded {
  readonly settings: Settings;
  readonly etag: string | undefined;
}

/** @param name of the target; a new one when there is none */
export function TargetEditor({ name }: { name?: string }) {
  const [schema, setSchema] = useState<SettingsSchema>();
  const [loaded, setLoaded] = useState<Loaded>();
  const [draft, setDraft] = useState<Settings>();
  const loading = useAction<void>();

  const load = (keeping: Settings = {}) =>
    loading.run(async () => {
      const found = await loadSchema();
      setSchema(found);
      if (name === undefined) {
        const settings = standardsOf(found.target('migration-manager'));
        setLoaded({ settings, etag: undefined });
        setDraft(settings);
        return;
      }
      const { metadata, etag } = await call<TargetDetails>('GET', targetPath(name));
      if (metadata.settings === null) return;
      setLoaded({ settings: metadata.settings, etag });
      setDraft({ ...metadata.settings, ...keeping });
    });
  useEffect(() => void load(), []);

  if (loading.error) {
    return (
      <Note urgency="act">
        {loading.error} <Button onClick={() => load()}>Try again</Button>
      </Note>
    );
  }
  if (schema === undefined || loaded === undefined || draft === undefined) {
    return loading.isRunning || schema === undefined ? (
      <p class="muted loading">Loading…</p>
    ) : (
      <Empty title="This target has no settings">
        <p>What waits in the spool under its name is delivered once a target of that name is added.</p>
      </Empty>
    );
  }
  return (
    <Form
      name={name}
      schema={schema}
      loaded={loaded}
      draft={draft}
      onDraft={setDraft}
      onReload={(keeping) => load(keeping)}
    />
  );
}

interface FormProps {
  readonly name: string | undefined;
  readonly schema: SettingsSchema;
  readonly loaded: Loaded;
  readonly draft: Settings;
  readonly onDraft: (draft: Settings) => void;
  readonly onReload: (keeping: Settings) => Promise<void>;
}

function Form({ name, schema, loaded, draft, onDraft, onReload }: FormProps) {
  const fields = useMemo(() => schema.target(String(draft.event_format)), [schema, draft.event_format]);
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const [isOutdated, setIsOutdated] = useState(false);
  const [isRemoving, setIsRemoving] = useState(false);
  const testing = useAction<PingResult>();
  const saving = useAction<string>();
  const mayChange = model.may('settings');
  const before = loaded.settings;
  const changes = changesBetween(before, draft);
  const target = name === undefined ? undefined : model.target(name);

  /** What the API says is wrong is shown where it is wrong. */
  const understanding = async <Result,>(act: () => Promise<Result>): Promise<Result> => {
    setProblems(new Map());
    try {
      return await act();
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) {
        const found = problemsOf(error.message);
        setProblems(found);
        requestAnimationFrame(() =>
          document.querySelector<HTMLElement>('.field.wrong :is(input,select,textarea)')?.focus(),
        );
        throw new Error(
          found.has('')
            ? [...found.values()].join(' ')
            : 'Something is not right yet: see the marked fields.',
        );
      }
      if (error instanceof ApiError && error.status === 412) {
        setIsOutdated(true);
        throw new Error('Somebody else has changed the settings meanwhile.');
      }
      throw error;
    }
  };
  const body = () => compact(fields, draft);
  const test = () =>
    testing.run(() =>
      understanding(
        async () => (await call<PingResult>('POST', '/log-targets/check', { body: body() })).metadata,
      ),
    );
  const save = () =>
    saving.run(() =>
      understanding(async () => {
        if (name === undefined) {
          await call('POST', '/log-targets', { body: body() });
          model.refresh();
          location.hash = linkTo('targets', String(draft.name));
          return 'Added.';
        }
        await call('PATCH', targetPath(name), { body: mergePatchOf(before, draft), ifMatch: loaded.etag });
        await onReload({});
        model.refresh();
        return 'Saved. It holds from the next attempt on.';
      }),
    );
  const remove = () =>
    saving.run(async () => {
      setIsRemoving(false);
      await call('DELETE', targetPath(name ?? ''), { ifMatch: loaded.etag });
      model.refresh();
      location.hash = linkTo();
      return 'Removed.';
    });

  const known = new Set(groups.flatMap(({ keys }) => keys));
  const rest = fields.filter(({ key }) => !known.has(key) && key !== 'type');
  const all = [...groups, ...(rest.length > 0 ? [{ title: 'More', keys: rest.map(({ key }) => key) }] : [])];
  return (
    <form
      class="editor"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changes.length > 0 && mayChange) void save();
      }}
    >
      {name === undefined && (
        <>
          <nav class="crumbs" aria-label="Where you are">
            <a href={linkTo()}>Targets</a> <span aria-hidden="true">›</span>
          </nav>
          <h1>Add a target</h1>
        </>
      )}
      {!mayChange && <Note urgency="info">You may look at these settings, but not change them.</Note>}
      {all.map(({ title, keys, isOpen }) => {
        const shown = keys.flatMap((key) => fields.find((field) => field.key === key) ?? []);
        if (shown.length === 0) return null;
        const isTouched = shown.some(
          ({ key, standard }) =>
            problems.has(key) || (standard !== undefined && !isSame(before[key], standard)),
        );
        return (
          <details key={title} class="card fields" open={isOpen === true || isTouched}>
            <summary>
              <h2>{title}</h2>
              <span class="muted small">{differing(shown, draft)}</span>
            </summary>
            <div class="field-grid">
              {shown.map((field) => (
                <FieldRow
                  key={field.key}
                  field={field}
                  value={draft[field.key]}
                  stored={before[field.key]}
                  problem={problems.get(field.key)}
                  isFixed={!mayChange || (field.key === 'name' && name !== undefined)}
                  onChange={(value) => {
                    const reset = field.key === 'event_format' ? { format_options: {} } : {};
                    onDraft({ ...draft, ...reset, [field.key]: value });
                  }}
                />
              ))}
            </div>
          </details>
        );
      })}
      {mayChange && (
        <div class="save-bar">
          <div class="save-text" aria-live="polite">
            {testing.result && <PingNote result={testing.result} onClose={testing.clear} />}
            {(testing.error ?? saving.error) && (
              <Note urgency="act">
                {testing.error ?? saving.error}{' '}
                {isOutdated && (
                  <Button
                    onClick={() => {
                      setIsOutdated(false);
                      saving.clear();
                      void onReload(patchOf(before, draft));
                    }}
                  >
                    Load theirs, keep my changes
                  </Button>
                )}
              </Note>
            )}
            {saving.result && changes.length === 0 && <Note urgency="fine">{saving.result}</Note>}
            {changes.length > 0 && name !== undefined && <ChangeList changes={changes} />}
          </div>
          <div class="save-acts">
            <Button isBusy={testing.isRunning} onClick={test}>
              {testing.isRunning ? 'Testing…' : 'Test the connection'}
            </Button>
            <button type="submit" class="button primary" disabled={saving.isRunning || changes.length === 0}>
              {saving.isRunning ? 'Saving…' : name === undefined ? 'Add' : 'Save'}
            </button>
            {name !== undefined && changes.length > 0 && (
              <Button onClick={() => onDraft(before)}>Undo all</Button>
            )}
            <span class="grow" />
            {name !== undefined && (
              <Button kind="danger" onClick={() => setIsRemoving(true)}>
                Remove the target
              </Button>
            )}
          </div>
        </div>
      )}
      {isRemoving && (
        <Dialog title={`Remove ${name}?`} onClose={() => setIsRemoving(false)}>
          <p>
            {target && target.pending.events > 0
              ? `It still holds ${events(target.pending.events)}: they get a moment to be delivered, what is left then is lost.`
              : 'It holds no events.'}
          </p>
          <div class="dialog-acts">
            <Button onClick={() => setIsRemoving(false)}>Cancel</Button>
            <Button kind="danger" onClick={remove}>
              Remove
            </Button>
          </div>
        </Dialog>
      )}
    </form>
  );
}

function differing(fields: readonly Field[], draft: Settings): string {
  const number = fields.filter(
    ({ key, standard, isRequired }) => !isRequired && !isSame(draft[key], standard),
  ).length;
  return number === 0
    ? 'as usual'
    : number === 1
      ? 'one of them changed from its default'
      : `${number} changed from their defaults`;
}

/** What differs from the defaults, and what there is no default for. */
function compact(fields: readonly Field[], draft: Settings): Settings {
  const kept = fields.filter(({ key, standard, isRequired }) => isRequired || !isSame(draft[key], standard));
  return Object.fromEntries(kept.map(({ key }) => [key, draft[key]]));
}
