'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { removeSecondFactorAction } from '#app/(console)/settings/account/actions.ts';
import { QrCode } from '#app/(console)/settings/account/qr-code.tsx';

interface Begun {
  secret: string;
  address: string;
}

const path = '/settings/account';

/** What is shown once lives in here and is gone with the page. */
function useSecondFactor(wanted: boolean) {
  const router = useRouter();
  const { withStepUp, dialog } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);

  async function run<T>(call: () => Promise<Answer<T>>, onDone: (value: T) => void) {
    setBusy(true);
    setProblem(null);
    const answer = await withStepUp(call).catch(() => null);
    setBusy(false);
    if (answer?.ok === true) {
      onDone(answer.value);
    } else {
      setProblem(
        answer?.message ?? 'Rekey does not answer. Reload the page to see what state things are in.',
      );
    }
  }

  const begin = () => run(() => postJson<Begun>(`${path}/begin-second-factor`, {}), setBegun);
  const confirm = (code: string) =>
    run(
      () => postJson<{ recoveryCodes: string[] }>(`${path}/confirm-second-factor`, { code }),
      ({ recoveryCodes }) => {
        setBegun(null);
        setCodes(recoveryCodes);
        // The page drawn anew would have another frame, and the codes would be gone with this one.
        if (!wanted) {
          router.refresh();
        }
      },
    );
  const remove = () =>
    run(removeSecondFactorAction, () => {
      setCodes(null);
      router.refresh();
    });
  return { busy, problem, begun, codes, dialog, begin, confirm, remove };
}

function Enrol({ begun, busy, confirm }: { begun: Begun; busy: boolean; confirm(code: string): void }) {
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    confirm(String(new FormData(event.currentTarget).get('code')));
  }
  return (
    <form onSubmit={submit} method="post" className="flex flex-wrap gap-6">
      <QrCode text={begun.address} label="QR code for your authenticator; the key beside it says the same" />
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-4">
        <div>
          <p>Scan this with your authenticator, or enter the key there:</p>
          <p className="mt-1 font-mono break-all">{begun.secret.match(/.{1,4}/g)?.join(' ')}</p>
        </div>
        <Field
          label="Code that it shows"
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          className="max-w-48"
        />
        <div>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? 'Checking…' : 'Turn it on'}
          </Button>
        </div>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <Notice tone="good" live>
      <p>
        From now on signing in takes a code. Keep these recovery codes where you find them without your phone:
        each stands in for a code once, and they are not shown again.
      </p>
      <ul aria-label="Recovery codes" className="mt-2 grid gap-x-6 gap-y-1 font-mono sm:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
    </Notice>
  );
}

/**
 * Adding and removing the second factor. `left` counts the recovery codes that were not used; `wanted` says that nothing else
 * can be done before one is added.
 */
export function SecondFactor({ has, left, wanted }: { has: boolean; left: number; wanted: boolean }) {
  const { busy, problem, begun, codes, dialog, begin, confirm, remove } = useSecondFactor(wanted);
  return (
    <div className="flex flex-col items-start gap-4">
      {!has && begun === null && codes === null && (
        <>
          <p className="text-quiet">
            With an authenticator on your phone, your password alone lets nobody in. It is also asked for in
            place of your password where an action needs it.
          </p>
          <Button disabled={busy} onClick={begin}>
            Add an authenticator
          </Button>
        </>
      )}
      {!has && begun !== null && <Enrol begun={begun} busy={busy} confirm={confirm} />}
      {codes !== null && <RecoveryCodes codes={codes} />}
      {codes !== null && wanted && (
        <a href="/overview" className={buttonClass('primary')}>
          I kept them: go on
        </a>
      )}
      {has && (
        <>
          <p>
            On. {left} of 10 recovery codes are left{left < 4 && '; remove it and add it again for new ones'}.
          </p>
          <Button disabled={busy} onClick={remove}>
            Remove the second factor
          </Button>
        </>
      )}
      {problem !== null && (
        <Notice tone="bad" live>
          {problem}
        </Notice>
      )}
      {dialog}
    </div>
  );
}
