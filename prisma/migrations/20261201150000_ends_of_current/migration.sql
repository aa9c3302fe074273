-- The secret that a graced rotation was rolled back to is current again and ends when its issuer said: it is looked for like
-- one that expires.
create index secret_versions_ending on secret_versions (ends_at) where state = 'current' and ends_at is not null;
