import { NothingHere } from '#app/_components/nothing-here.tsx';

export default function NotFound() {
  return <NothingHere />;
}
