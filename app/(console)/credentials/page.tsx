export default function CredentialsPage() {
  return <h1 className="text-2xl font-semibold">Credentials</h1>;
}
