-- Run once by the Postgres image, when its volume is empty: two roles, and a database that belongs to the owner.
-- rekey_owner runs migrations. rekey_app is what Rekey works as: no DDL, no change of audit rows.
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD

create role rekey_owner login password :'owner_password';
create role rekey_app login password :'app_password';
create database rekey owner rekey_owner;
