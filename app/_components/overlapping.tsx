import { Hourglass } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { fill } from '#app/_components/fill.tsx';
import { Moment } from '#app/_components/time.tsx';
import { overlapping as words } from '#app/_words/rotation-state.ts';

/** Both versions work, and until when. */
export function Overlapping({ until }: { until: string }) {
  return (
    <Badge tone="busy" icon={Hourglass}>
      {fill(words.until, { moment: <Moment at={until} /> })}
    </Badge>
  );
}
