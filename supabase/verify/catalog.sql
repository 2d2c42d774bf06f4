-- What a project must have, against what its catalog says it has; changes nothing. $1 is wanted.json: {kind: {name: definition}}.
-- With an empty search_path, so that every name is whole. Each row: (kind, name, problem, mend); problem is null where it holds.
with wanted as (
  select k.key as kind, n.key as name, n.value as definition
    from jsonb_each($1::jsonb) k cross join jsonb_each_text(k.value) n
), tables as (
  select c.oid, format('%s.%s', n.nspname, c.relname) as name, c.relrowsecurity, c.relowner, c.relacl
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind = 'r' and (n.nspname, c.relname) in (
     ('public', 'tasks'), ('public', 'profiles'), ('public', 'user_daily_usage'), ('internal', 'settings'))
), columns as (
  select t.oid, format('%s.%s', t.name, a.attname) as name, a.*
    from tables t join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
), functions as (
  select p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.proowner, p.proacl, p.prosrc
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
   where n.nspname = 'internal'
      or n.nspname = 'public' and p.proname in (
           'sync_task', 'sync_tasks', 'read_tasks', 'active_tasks', 'tickwork_schema', 'tickwork_quota')
), acls (name, acl) as (
  select name, coalesce(relacl, acldefault('r', relowner)) from tables
  union all
  select name, attacl from columns
  union all
  select name, coalesce(proacl, acldefault('f', proowner)) from functions
  union all
  select 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner))
    from pg_catalog.pg_namespace where nspname = 'internal'
), found (kind, name, definition) as (
  select 'column', c.name, concat_ws(' ', pg_catalog.format_type(c.atttypid, c.atttypmod),
           case when c.attnotnull then 'not null' end,
           (select 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef d
             where d.adrelid = c.oid and d.adnum = c.attnum and c.name like 'public.tasks.%'))
    from columns c
  union all
  select 'statistics', c.name, 'none' from columns c where c.attstattarget = 0
  union all
  select 'check', format('%I on %s', c.conname, t.name), pg_catalog.pg_get_constraintdef(c.oid)
    from tables t join pg_catalog.pg_constraint c on c.conrelid = t.oid and c.contype = 'c'
  union all
  select distinct 'foreign key', format('alter table %s add %s', t.name, pg_catalog.pg_get_constraintdef(c.oid)), 'there'
    from tables t join pg_catalog.pg_constraint c on c.conrelid = t.oid and c.contype = 'f'
  union all
  select distinct 'unique key', format('%s %s', t.name,
           regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^.* USING btree ', '')), 'there'
    from tables t join pg_catalog.pg_index i on i.indrelid = t.oid and i.indisunique and i.indisvalid
  union all
  select 'index', i.indexrelid::regclass::text,
         regexp_replace(pg_catalog.pg_get_indexdef(i.indexrelid), '^.* USING btree ', '')
           || case when i.indisvalid then '' else ', invalid' end
    from tables t join pg_catalog.pg_index i on i.indrelid = t.oid
  union all
  select 'trigger', format('%I on %s', g.tgname, t.name),
         g.tgfoid::regproc || case when g.tgenabled = 'O' then '' else ', disabled' end
    from tables t join pg_catalog.pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
  union all
  select 'row-level security', name, 'on' from tables where relrowsecurity
  union all
  select 'policy', format('%I on %s', p.polname, t.name), concat_ws(' ',
           case when not p.polpermissive then 'restrictive' end,
           case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
           'to', (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ', ') from unnest(p.polroles) r),
           'using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid),
           'check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
    from tables t join pg_catalog.pg_policy p on p.polrelid = t.oid
  union all
  select 'grant', format('%s to %s', a.name, coalesce(r.rolname, 'public')),
         string_agg(lower(x.privilege_type) || case when x.is_grantable then ' with grant option' else '' end, ', '
                    order by x.privilege_type)
    from acls a
   cross join aclexplode(a.acl) x
    left join pg_catalog.pg_roles r on r.oid = x.grantee
   where x.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role', 'task_reconciler')
   group by a.name, r.rolname
  union all
  -- A function whose body is parsed already (prosrc is empty) needs no search_path.
  select 'function', name, case when prosecdef then 'as its owner' else 'as its caller' end
           || case when prosrc = '' or proconfig @> array['search_path=""'] then '' else ', with any search_path' end
    from functions
  union all
  select 'role', r.rolname, concat_ws(', ',
           case when r.rolcanlogin then 'may log in' end, case when r.rolinherit then 'inherits' end,
           case when r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication then 'powerful' end,
           (select 'member of ' || string_agg(m.roleid::regrole::text, ', ' order by m.roleid)
              from pg_catalog.pg_auth_members m where m.member = r.oid),
           (select 'for ' || string_agg(distinct o.rolname, ', ')
              from pg_catalog.pg_auth_members m join pg_catalog.pg_roles o on o.oid = m.member
             where m.roleid = r.oid and o.rolname in ('authenticator', 'authenticated', 'anon', 'service_role')))
    from pg_catalog.pg_roles r where r.rolname = 'task_reconciler'
  union all
  select 'publication', pubname::text, 'tells of public.tasks' from pg_catalog.pg_publication_tables
   where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = 'tasks'
)
select kind, name,
       case when f.definition is null then 'is missing'
            when w.definition is null then 'is not Tickwork''s: ' || f.definition
            when f.definition <> w.definition then format('is: %s; must be: %s', f.definition, w.definition) end as problem,
       case when kind = 'policy' and w.definition is null then 'drop policy ' || name
            when kind = 'foreign key' then name
            when kind = 'role' and f.definition is not null then 'take from the role what it has beyond that'
            when kind = 'column' and f.definition is not null then 'alter the column'
            when kind = 'check' and f.definition is not null
              then 'drop constraint ' || name || ', and run supabase/schema.sql again'
            when kind = 'index' and f.definition is not null
              then 'drop index ' || name || ', and run supabase/schema.sql again'
            else 'run supabase/schema.sql again' end as mend
  from wanted w full join found f using (kind, name)
 -- Others' columns, indexes and triggers do no harm. Realtime is a project's own choice.
 where (w.definition is not null or kind in ('policy', 'grant'))
   and (kind <> 'publication' or exists (select from pg_catalog.pg_publication p where p.pubname = name))
 order by kind, name
