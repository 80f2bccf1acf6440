/** Asks for a token, which is kept for this tab only. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { model } from './model.js';

export function TokenPrompt({ isWrong }: { isWrong: boolean }) {
  const [token, setToken] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <main class="gate">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') model.signIn(token.trim());
        }}
      >
        <h1>Who is there?</h1>
        <p>
          This console is for operators of the service. It asks for a token; whoever runs the service hands
          them out.
        </p>
        <label class="field">
          <span>Token</span>
          <input
            ref={input}
            type="password"
            name="token"
            autocomplete="off"
            spellcheck={false}
            value={token}
            aria-invalid={isWrong}
            aria-describedby="token-hint"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p id="token-hint" class={isWrong ? 'alarming' : 'muted'} role={isWrong ? 'alert' : undefined}>
          {isWrong ? 'That token was not accepted.' : 'Kept for this tab only: closing it forgets the token.'}
        </p>
        <button type="submit" class="button primary" disabled={token.trim() === ''}>
          Continue
        </button>
      </form>
    </main>
  );
}
