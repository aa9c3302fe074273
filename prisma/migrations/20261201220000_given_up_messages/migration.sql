-- Messages that were given up are few among thirty days of others, and are asked for by their state.
create index webhook_messages_given_up on webhook_messages (endpoint_id, seq) where next_at is null and sent_at is null;
