'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Button, buttonClass } from '#app/_components/button.tsx';
import { Field } from '#app/_components/field.tsx';
import { Notice } from '#app/_components/notice.tsx';
import { postJson } from '#app/_components/post-json.ts';
import { useStepUp } from '#app/_components/step-up.tsx';
import type { Answer } from '#app/_doors/answer.ts';
import { common } from '#app/_words/common.ts';
import { enrolForm, ownSecondFactor, recoveryCodes } from '#app/_words/settings.ts';
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
      setProblem(answer?.message ?? common.noAnswerReload);
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
      <QrCode text={begun.address} label={enrolForm.qrCode} />
      <div className="flex min-w-0 flex-1 basis-64 flex-col gap-4">
        <div>
          <p>{enrolForm.scan}</p>
          <p className="mt-1 font-mono break-all">{begun.secret.match(/.{1,4}/g)?.join(' ')}</p>
        </div>
        <Field
          label={enrolForm.code}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          className="max-w-48"
        />
        <div>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? common.checking : enrolForm.turnOn}
          </Button>
        </div>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <Notice tone="good" live>
      <p>{recoveryCodes.keep}</p>
      <ul aria-label={recoveryCodes.label} className="mt-2 grid gap-x-6 gap-y-1 font-mono sm:grid-cols-2">
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
export function SecondFactor({
  has,
  hasPassword,
  left,
  wanted,
}: {
  has: boolean;
  hasPassword: boolean;
  left: number;
  wanted: boolean;
}) {
  const { busy, problem, begun, codes, dialog, begin, confirm, remove } = useSecondFactor(wanted);
  return (
    <div className="flex flex-col items-start gap-4">
      {!has && begun === null && codes === null && (
        <>
          <p className="text-quiet">
            {hasPassword ? ownSecondFactor.about : ownSecondFactor.aboutBesideSignOn}
          </p>
          <Button disabled={busy} onClick={begin}>
            {ownSecondFactor.add}
          </Button>
        </>
      )}
      {!has && begun !== null && <Enrol begun={begun} busy={busy} confirm={confirm} />}
      {codes !== null && <RecoveryCodes codes={codes} />}
      {codes !== null && wanted && (
        <a href="/overview" className={buttonClass('primary')}>
          {ownSecondFactor.goOn}
        </a>
      )}
      {has && (
        <>
          <p>{left < 4 ? ownSecondFactor.onWithFew(left) : ownSecondFactor.on(left)}</p>
          <Button disabled={busy} onClick={remove}>
            {ownSecondFactor.remove}
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
