/** Inputs for the kinds of keys that settings have. */

import { isRecord } from './changes.js';
import { type Field, labelOf } from './schema.js';
import { Pairs, Secret, SecretList } from './secret-inputs.js';
import type { Settings } from './types.js';

interface FieldProps {
  readonly field: Field;
  readonly value: unknown;
  /** What is stored. */
  readonly stored: unknown;
  readonly problem: string | undefined;
  readonly isFixed?: boolean;
  readonly onChange: (value: unknown) => void;
}

interface InputProps extends FieldProps {
  readonly id: string;
  readonly describedBy: string | undefined;
}

/** A key with its name, its input, what it takes and what is wrong with it. */
export function FieldRow(props: FieldProps) {
  const { field, problem, value, stored } = props;
  const id = `field-${field.key}`;
  const hint = field.hint ?? (field.isRequired ? 'required' : undefined);
  const describedBy =
    [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;
  const isGroup = ['choices', 'group', 'map', 'secret-map', 'secrets'].includes(field.kind);
  const changed = JSON.stringify(value) !== JSON.stringify(stored);
  const label = (
    <>
      {labelOf(field.key)} <code class="key">{field.key}</code>
      {changed && <span class="changed">changed</span>}
    </>
  );
  const rest = (
    <>
      {hint && (
        <span class="hint" id={`${id}-hint`}>
          <Words text={hint} />
        </span>
      )}
      {problem && (
        <span class="problem" id={`${id}-problem`} role="alert">
          <Words text={problem} />
        </span>
      )}
    </>
  );
  if (isGroup) {
    return (
      <fieldset class={`field group ${problem ? 'wrong' : ''}`} aria-describedby={describedBy}>
        <legend>{label}</legend>
        <Input {...props} id={id} describedBy={describedBy} />
        {rest}
      </fieldset>
    );
  }
  return (
    <div class={`field ${field.kind} ${problem ? 'wrong' : ''}`}>
      <label for={id}>{label}</label>
      <Input {...props} id={id} describedBy={describedBy} />
      {rest}
    </div>
  );
}

function Input({ field, value, stored, problem, isFixed = false, onChange, id, describedBy }: InputProps) {
  const common = {
    id,
    'aria-describedby': describedBy,
    'aria-invalid': problem !== undefined,
    disabled: isFixed,
  };
  const standard = typeof field.standard === 'object' ? '' : String(field.standard ?? '');
  switch (field.kind) {
    case 'switch':
      return (
        <input
          {...common}
          type="checkbox"
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'number':
      return (
        <input
          {...common}
          type="number"
          inputMode="numeric"
          min={field.min}
          max={field.max}
          value={value === undefined || value === null ? '' : String(value)}
          placeholder={standard}
          onInput={(event) =>
            onChange(event.currentTarget.value === '' ? field.standard : Number(event.currentTarget.value))
          }
        />
      );
    case 'choice': {
      const choices =
        typeof value === 'string' && value !== '' && !field.choices.includes(value)
          ? [value, ...field.choices]
          : field.choices;
      return (
        <select
          {...common}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    }
    case 'choices': {
      const chosen = Array.isArray(value) ? value : [];
      return (
        <div class="options">
          {field.choices.map((choice) => (
            <label key={choice} class="option">
              <input
                type="checkbox"
                checked={chosen.includes(choice)}
                disabled={isFixed}
                onChange={(event) =>
                  onChange(
                    field.choices.filter((each) =>
                      each === choice ? event.currentTarget.checked : chosen.includes(each),
                    ),
                  )
                }
              />{' '}
              {choice}
            </label>
          ))}
        </div>
      );
    }
    case 'long':
      return (
        <textarea
          {...common}
          class="mono"
          rows={3}
          spellcheck={false}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={String(value ?? '')}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'lines':
      return (
        <textarea
          {...common}
          class="mono"
          rows={Math.min(Math.max(list(value).length + 1, 2), 8)}
          spellcheck={false}
          placeholder="one a line"
          value={list(value).join('\n')}
          onInput={(event) =>
            onChange(event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n'))
          }
          onBlur={() => onChange(list(value).filter((each) => String(each).trim() !== ''))}
        />
      );
    case 'secret':
    case 'long-secret':
      return (
        <Secret
          common={common}
          isLong={field.kind === 'long-secret'}
          value={value}
          stored={stored}
          onChange={onChange}
          isFixed={isFixed}
        />
      );
    case 'secrets':
      return (
        <SecretList values={list(value)} isFixed={isFixed} onChange={onChange} name={labelOf(field.key)} />
      );
    case 'map':
    case 'secret-map':
      return (
        <Pairs
          value={isRecord(value) ? value : {}}
          isFixed={isFixed}
          onChange={onChange}
          isSecret={field.kind === 'secret-map'}
        />
      );
    case 'group': {
      const values = isRecord(value) ? value : {};
      const before = isRecord(stored) ? stored : {};
      return (
        <div class="nested">
          {field.fields.map((each) => (
            <FieldRow
              key={each.key}
              field={each}
              value={values[each.key] ?? each.standard}
              stored={before[each.key] ?? each.standard}
              problem={undefined}
              isFixed={isFixed}
              onChange={(next) => onChange(withKey(values, each, next))}
            />
          ))}
        </div>
      );
    }
    case 'json':
      return <JsonInput common={common} value={value} onChange={onChange} />;
    default:
      return (
        <input
          {...common}
          type="text"
          spellcheck={false}
          autocomplete="off"
          value={String(value ?? '')}
          placeholder={standard}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

/** What stands between backticks is code. */
function Words({ text }: { text: string }) {
  const parts = text.split(/`([^`\s][^`]*)`/);
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part))}</>;
}

/** An option that is left empty is left out. */
function withKey(values: Settings, { key, standard }: Field, next: unknown): Settings {
  const { [key]: _, ...others } = values;
  const isLeftOut = next === undefined || next === '' || JSON.stringify(next) === JSON.stringify(standard);
  return isLeftOut ? others : { ...others, [key]: next };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What has no form of its own. */
function JsonInput({
  common,
  value,
  onChange,
}: {
  common: object;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  return (
    <textarea
      {...common}
      class="mono"
      rows={2}
      spellcheck={false}
      defaultValue={JSON.stringify(value ?? {})}
      onInput={(event) => {
        const area = event.currentTarget;
        try {
          onChange(JSON.parse(area.value || '{}'));
          area.setCustomValidity('');
        } catch {
          area.setCustomValidity('This is not JSON');
        }
      }}
    />
  );
}
