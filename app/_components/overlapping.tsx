import { Hourglass } from 'lucide-react';
import { Badge } from '#app/_components/badge.tsx';
import { Moment } from '#app/_components/time.tsx';

/** Both versions work, and until when. */
export function Overlapping({ until }: { until: string }) {
  return (
    <Badge tone="busy" icon={Hourglass}>
      In overlap until <Moment at={until} />
    </Badge>
  );
}
