/** Inputs for what is stored but never shown, and for lists of names and values. */

import { MASK } from './schema.js';

interface SecretProps {
  readonly common: object;
  readonly isLong: boolean;
  readonly value: unknown;
  readonly stored: unknown;
  readonly isFixed: boolean;
  readonly onChange: (value: unknown) => void;
}

/** What is stored is never shown; leaving it empty keeps it. */
export function Secret({ common, isLong, value, stored, isFixed, onChange }: SecretProps) {
  const isStored = stored === MASK;
  const text = value === MASK ? '' : String(value ?? '');
  const placeholder =
    value === MASK ? 'stored; leave empty to keep it' : isStored ? 'will be removed' : 'none';
  const change = (next: string) => onChange(next === '' && isStored ? MASK : next);
  return (
    <div class="secret-input">
      {isLong ? (
        <textarea
          {...common}
          class="mono"
          rows={2}
          spellcheck={false}
          placeholder={placeholder}
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      ) : (
        <input
          {...common}
          type="password"
          autocomplete="new-password"
          placeholder={placeholder}
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
      {isStored && !isFixed && (
        <button type="button" class="button plain" onClick={() => onChange(value === '' ? MASK : '')}>
          {value === '' ? 'Keep it' : 'Remove it'}
        </button>
      )}
    </div>
  );
}

interface ListProps {
  readonly values: readonly unknown[];
  readonly name: string;
  readonly isFixed: boolean;
  readonly onChange: (value: unknown) => void;
}

/** Secrets in a row: a stored one stays where it is. */
export function SecretList({ values, name, isFixed, onChange }: ListProps) {
  return (
    <div class="list">
      {values.map((value, index) => (
        <div key={index} class="secret-input">
          <input
            type="password"
            autocomplete="new-password"
            aria-label={`${name}, number ${index + 1}`}
            disabled={isFixed || value === MASK}
            placeholder={value === MASK ? 'stored' : 'whsec_…'}
            value={value === MASK ? '' : String(value)}
            onInput={(event) =>
              onChange(values.map((each, place) => (place === index ? event.currentTarget.value : each)))
            }
          />
          {!isFixed && (
            <button
              type="button"
              class="button plain"
              onClick={() => onChange(values.filter((_, place) => place !== index))}
            >
              Remove
            </button>
          )}
        </div>
      ))}
      {!isFixed && (
        <button type="button" class="button plain" onClick={() => onChange([...values, ''])}>
          Add one
        </button>
      )}
    </div>
  );
}

interface PairsProps {
  readonly value: Readonly<Record<string, unknown>>;
  readonly isSecret: boolean;
  readonly isFixed: boolean;
  readonly onChange: (value: unknown) => void;
}

/** Names and values, in order; the last row is for the next one. */
export function Pairs({ value, isSecret, isFixed, onChange }: PairsProps) {
  const pairs = Object.entries(value);
  const set = (index: number, name: string, text: unknown) =>
    onChange(Object.fromEntries(pairs.map((pair, place) => (place === index ? [name, text] : pair))));
  return (
    <div class="list">
      {pairs.map(([name, text], index) => (
        <div key={index} class="pair">
          <input
            type="text"
            spellcheck={false}
            aria-label={`Name ${index + 1}`}
            disabled={isFixed}
            value={name}
            onInput={(event) => set(index, event.currentTarget.value, text)}
          />
          <input
            {...(isSecret ? { type: 'password' } : { type: 'text' })}
            autocomplete="off"
            aria-label={`Value of ${name || `name ${index + 1}`}`}
            disabled={isFixed}
            placeholder={text === MASK ? 'stored; leave empty to keep it' : ''}
            value={text === MASK ? '' : String(text)}
            onInput={(event) => set(index, name, event.currentTarget.value)}
          />
          {!isFixed && (
            <button
              type="button"
              class="button plain"
              aria-label={`Remove ${name}`}
              onClick={() => onChange(Object.fromEntries(pairs.filter((_, place) => place !== index)))}
            >
              Remove
            </button>
          )}
        </div>
      ))}
      {!isFixed && value[''] === undefined && (
        <button type="button" class="button plain" onClick={() => onChange({ ...value, '': '' })}>
          Add one
        </button>
      )}
    </div>
  );
}
