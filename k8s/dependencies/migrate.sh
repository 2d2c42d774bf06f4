#!/bin/bash
# Run once by the database's entrypoint: Supabase's own objects, then Tickwork's schema as the project's owner.
set -eu
psql -v ON_ERROR_STOP=1 --quiet -U supabase_admin -d postgres -f /sql/supabase-objects.sql
psql -v ON_ERROR_STOP=1 --quiet -U postgres -d postgres -f /sql/schema.sql
# One user submits many tasks here.
psql -v ON_ERROR_STOP=1 --quiet -U postgres -d postgres \
  -c 'update internal.settings set daily_tick_limit = 100000, active_task_limit = 100000'
