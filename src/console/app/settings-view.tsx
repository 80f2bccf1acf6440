/** The settings as a whole. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, call } from './api.js';
import { ChangeList, LineDiff } from './change-list.js';
import { changesBetween, diffLines, patchOf, problemsOf } from './changes.js';
import { FieldRow } from './fields.js';
import { linkTo, useAction } from './hooks.js';
import { loadSchema } from './load-schema.js';
import { model } from './model.js';
import { Button, Empty, Note } from './parts.js';
import type { SettingsSchema } from './schema.js';
import type { Settings } from './types.js';
import { plural } from './words.js';

interface Loaded {
  readonly settings: Settings;
  readonly etag: string | undefined;
}

export function SettingsView() {
  const [schema, setSchema] = useState<SettingsSchema>();
  const [loaded, setLoaded] = useState<Loaded>();
  const [isMissing, setIsMissing] = useState(false);
  const loading = useAction<void>();
  const load = () =>
    loading.run(async () => {
      try {
        const { metadata, etag } = await call<Settings>('GET', '/system/settings');
        setSchema(await loadSchema());
        setLoaded({ settings: metadata, etag });
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
        setIsMissing(true);
      }
    });
  useEffect(() => void load(), []);

  if (isMissing) {
    return (
      <Empty title="The targets of this service are fixed">
        <p>They stand in its code: there are no settings that could be changed here.</p>
      </Empty>
    );
  }
  return (
    <>
      <h1>Settings</h1>
      {loading.error && (
        <Note urgency="act">
          {loading.error} <Button onClick={load}>Try again</Button>
        </Note>
      )}
      {loaded && schema && (
        <div class="columns settings" key={loaded.etag}>
          <General schema={schema} loaded={loaded} onSaved={load} />
          <Everything loaded={loaded} onSaved={load} />
        </div>
      )}
      {loaded === undefined && !loading.error && <p class="muted loading">Loading…</p>}
    </>
  );
}

interface PartProps {
  readonly loaded: Loaded;
  readonly onSaved: () => Promise<void>;
}

/** What is not of a target, as a form. */
function General({ schema, loaded, onSaved }: PartProps & { schema: SettingsSchema }) {
  const [draft, setDraft] = useState(loaded.settings);
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const saving = useAction<string>();
  const mayChange = model.may('settings');
  const changes = changesBetween(loaded.settings, draft);
  const targets = Array.isArray(loaded.settings.log_targets) ? loaded.settings.log_targets.length : 0;
  const save = () =>
    saving.run(async () => {
      setProblems(new Map());
      try {
        await call('PATCH', '/system/settings', {
          body: patchOf(loaded.settings, draft),
          ifMatch: loaded.etag,
        });
      } catch (error) {
        if (error instanceof ApiError && error.status === 400) setProblems(problemsOf(error.message));
        throw error;
      }
      await onSaved();
      return 'Saved.';
    });
  return (
    <form
      class="card fields general"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changes.length > 0 && mayChange) void save();
      }}
    >
      <h2>For the service</h2>
      <div class="field-grid">
        {schema.settings.map((field) => (
          <FieldRow
            key={field.key}
            field={field}
            value={draft[field.key]}
            stored={loaded.settings[field.key]}
            problem={problems.get(field.key)}
            isFixed={!mayChange}
            onChange={(value) => setDraft({ ...draft, [field.key]: value })}
          />
        ))}
      </div>
      {changes.length > 0 && <ChangeList changes={changes} />}
      {saving.error && <Note urgency="act">{saving.error}</Note>}
      {mayChange && (
        <div class="save-acts">
          <button type="submit" class="button primary" disabled={changes.length === 0 || saving.isRunning}>
            Save
          </button>
          {changes.length > 0 && <Button onClick={() => setDraft(loaded.settings)}>Undo all</Button>}
        </div>
      )}
      <p class="muted">
        {plural(targets, 'target')}: each has <a href={linkTo()}>settings of its own</a>.
      </p>
    </form>
  );
}

/** All of it as JSON, for whoever copies settings from one service to another. */
function Everything({ loaded, onSaved }: PartProps) {
  const before = useMemo(() => JSON.stringify(loaded.settings, undefined, 2), [loaded]);
  const [text, setText] = useState(before);
  const saving = useAction<string>();
  const mayChange = model.may('settings');
  const parsed = useMemo(() => parse(text), [text]);
  const lines = useMemo(() => (text === before ? [] : diffLines(before, text)), [before, text]);
  const save = () =>
    saving.run(async () => {
      await call('PUT', '/system/settings', { body: parsed.value, ifMatch: loaded.etag });
      await onSaved();
      model.refresh();
      return 'Saved.';
    });
  return (
    <section class="card everything" aria-label="Everything as JSON">
      <h2>Everything as JSON</h2>
      <p class="muted">Stored secrets read as {'********'}; what is left so stays as it is.</p>
      <textarea
        class="mono"
        rows={24}
        spellcheck={false}
        aria-label="Settings as JSON"
        readOnly={!mayChange}
        aria-invalid={parsed.problem !== undefined}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {parsed.problem && <p class="alarming">{parsed.problem}</p>}
      {lines.length > 0 && <LineDiff lines={lines} />}
      {saving.error && (
        <Note urgency="act">
          <ul class="problems">
            {saving.error.split(/; (?=[a-z_]+[\w.[\]-]*: )/).map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </Note>
      )}
      {mayChange && (
        <div class="save-acts">
          <Button
            kind="primary"
            isBusy={saving.isRunning}
            disabled={lines.length === 0 || parsed.problem !== undefined}
            onClick={save}
          >
            Save everything
          </Button>
          {lines.length > 0 && <Button onClick={() => setText(before)}>Undo all</Button>}
        </div>
      )}
    </section>
  );
}

function parse(text: string): { readonly value?: unknown; readonly problem?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: `This is not JSON yet: ${error instanceof Error ? error.message : ''}` };
  }
}
