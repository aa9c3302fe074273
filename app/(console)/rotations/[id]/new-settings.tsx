'use client';

import { Fragment } from 'react';
import { SentenceLink } from '#app/_components/text-link.tsx';
import { rotationHeld as words } from '#app/_words/rotation-page.ts';
import type { RotationView } from '#core/rotation/read-rotation.ts';

/** Where what refuses is given a sign-in that is allowed. */
export function NewSettings({ systems }: { systems: RotationView['systems'] }) {
  return (
    systems.length > 0 && (
      <p className="mt-1">
        {words.newSignIn}{' '}
        {systems.map(({ of, id, name }, index) => (
          <Fragment key={id}>
            {index > 0 && ', '}
            <SentenceLink href={`/${of}/${id}`}>{name}</SentenceLink>
          </Fragment>
        ))}
      </p>
    )
  );
}
