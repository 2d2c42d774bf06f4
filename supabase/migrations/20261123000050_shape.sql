-- Before anything else: a table of one of these names with another shape stops everything. A starter project often has a
-- `profiles` of its own; half a schema around it would be worse than none.
do $$
declare other record;
begin
  for other in
    with wanted (relation, name, type, required) as (values
      ('tasks', 'id', 'uuid', true),
      ('tasks', 'correlation_id', 'text', true),
      ('tasks', 'user_id', 'uuid', true),
      ('tasks', 'mandate', 'text', true),
      ('tasks', 'status', 'text', true),
      ('tasks', 'max_ticks', 'integer', true),
      ('tasks', 'tick', 'integer', false),
      ('tasks', 'result', 'jsonb', false),
      ('tasks', 'error', 'text', false),
      ('tasks', 'created_at', 'timestamp with time zone', true),
      ('tasks', 'updated_at', 'timestamp with time zone', true),
      ('profiles', 'user_id', 'uuid', true),
      ('profiles', 'email', 'text', false),
      ('profiles', 'daily_tick_limit', 'integer', true),
      ('user_daily_usage', 'user_id', 'uuid', true),
      ('user_daily_usage', 'usage_date', 'date', true),
      ('user_daily_usage', 'ticks_used', 'integer', true)
    ), present as (
      select c.oid, c.relname::text as relation, c.relkind
        from pg_catalog.pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relname in (select w.relation from wanted w)
         and c.relkind in ('r', 'p', 'v', 'm', 'f')
    ), columns as (
      select p.relation, a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
             a.attnotnull as required, a.atthasdef or a.attidentity <> '' as filled
        from present p
        join pg_catalog.pg_attribute a on a.attrelid = p.oid and a.attnum > 0 and not a.attisdropped
       where p.relkind = 'r'
    ), problems (relation, problem) as (
      select p.relation, 'it is no ordinary table' from present p where p.relkind <> 'r'
      union all
      select w.relation, format(case when c.name is null then 'column %s (%s) is missing'
                                     when c.type <> w.type then 'column %s is not %s but ' || c.type
                                     else 'column %s (%s) may be null' end, w.name, w.type)
        from present p
        join wanted w on w.relation = p.relation and p.relkind = 'r'
        left join columns c on c.relation = w.relation and c.name = w.name
       where c.name is null or c.type <> w.type or w.required and not c.required
      union all
      select c.relation, format('column %s, which Tickwork does not know, demands a value', c.name)
        from columns c
       where c.required and not c.filled
         and not exists (select from wanted w where w.relation = c.relation and w.name = c.name)
      union all
      select u.relation, format('column %s is not unique', u.names)
        from (values ('tasks', 'correlation_id'), ('profiles', 'user_id'),
                     ('user_daily_usage', 'user_id, usage_date')) as u (relation, names)
        join present p on p.relation = u.relation and p.relkind = 'r'
       where not exists (
         select from pg_catalog.pg_index i
          where i.indrelid = p.oid and i.indisunique and i.indpred is null
            and (select string_agg(pg_catalog.pg_get_indexdef(i.indexrelid, n, false), ', ' order by n)
                   from generate_series(1, i.indnkeyatts) n) = u.names)
    )
    select p.relation, string_agg(p.problem, '; ' order by p.problem) as found
      from problems p group by p.relation order by p.relation
  loop
    raise sqlstate '42P16' using
      message = format('public.%s is there, with another shape than Tickwork''s: %s', other.relation, other.found),
      hint = format('If the table is yours, rename it (alter table public.%1$I rename to %2$I) or use another project; '
                    'if it is meant for Tickwork, alter these columns. Then run this again: nothing was changed.',
                    other.relation, 'app_' || other.relation);
  end loop;
end $$;
