-- What an update may hold, whoever writes it, and the direction in which a user's own goes.

-- 1 MiB of result: a list carries it whole. Class 23, so that one of these in a batch is `invalid` and the others are taken.
do $$
declare wanted record;
begin
  for wanted in
    select * from (values
      ('tasks_tick_range', 'tick between 0 and max_ticks'),
      ('tasks_result_size', 'octet_length(result::text) <= 1048576'),
      ('tasks_error_length', 'char_length(error) <= 8000')
    ) as c (name, condition)
  loop
    if not exists (select from pg_catalog.pg_constraint
                    where conrelid = 'public.tasks'::regclass and conname = wanted.name) then
      execute format('alter table public.tasks add constraint %I check (%s)', wanted.name, wanted.condition);
    end if;
  end loop;
end $$;

-- How far a status is. Null for one that there is not: the table's constraint names that.
create or replace function internal.status_rank(status text) returns integer language sql immutable parallel safe
return case when status = 'pending' then 0 when status = 'accepted' then 1 when status = 'started' then 2
            when status = 'in_progress' then 3 when internal.is_final(status) then 4 end;

-- For users alone, before tasks_updated_at (triggers run by name). A sync may go back to accepted: that is a new attempt. Its
-- stamp may be a day ahead of the clock and no more, lest by many small steps a row gets to the year 2100; class 22, so that it is
-- `invalid`. (The reconciler may follow a row that is further ahead.)
create or replace function internal.tasks_user_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_setting('app.task_sync', true) = 'on' then
    if new.updated_at >= now() + interval '1 day' then
      raise datetime_field_overflow using message = 'updated_at is more than a day ahead';
    end if;
  elsif internal.status_rank(new.status) < internal.status_rank(old.status) and not internal.is_final(old.status) then
    raise sqlstate 'PT422' using message = 'a task does not go back from ' || old.status || ' to ' || new.status;
  end if;
  return new;
end $$;
create or replace trigger tasks_by_user before update on public.tasks
  for each row when (current_user = 'authenticated')
  execute function internal.tasks_user_update();

revoke all on function internal.status_rank(text), internal.tasks_user_update()
  from public, anon, authenticated, service_role;
grant execute on function internal.status_rank(text) to authenticated;
