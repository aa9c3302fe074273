#!/bin/sh
# Writes .env with fresh keys and passwords for docker-compose.yml. Usage: sh docker/make-env.sh https://rekey.example.com
set -eu

if [ $# -ne 1 ]; then
  echo "usage: sh docker/make-env.sh ADDRESS    the address people open, for example https://rekey.example.com" >&2
  exit 64
fi
if [ -e .env ]; then
  echo ".env exists and was left as it is: what its keys have sealed cannot be opened with others." >&2
  exit 1
fi

# The same as "openssl rand -base64 32" and "openssl rand -hex 24", with what every system has.
key() { head -c 32 /dev/urandom | base64; }
password() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

umask 077
cat > .env <<END
REKEY_URL=$1
REKEY_MASTER_KEYS=m1:$(key)
REKEY_FINGERPRINT_KEY=$(key)
REKEY_SESSION_KEY=$(key)
REKEY_TOKEN_KEY=$(key)
REKEY_AUDIT_KEY=$(key)
POSTGRES_PASSWORD=$(password)
POSTGRES_OWNER_PASSWORD=$(password)
POSTGRES_APP_PASSWORD=$(password)
END
echo "Wrote .env. Keep a copy of it apart from the database's backups: without its keys they cannot be read."
