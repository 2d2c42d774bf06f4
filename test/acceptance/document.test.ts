import { afterAll, beforeAll, describe, test } from 'vitest';
import { createEvidence } from './document-evidence.ts';
import { type Journey, travel } from './document-journey.ts';

// The document "Supabase Storage Architecture", sentence by sentence, in its order and its words.
let journey: Journey;
let shown: ReturnType<typeof createEvidence>;
beforeAll(async () => {
  journey = await travel();
  shown = createEvidence(journey);
});
afterAll(() => journey.close());

type Evidence = { [Name in keyof ReturnType<typeof createEvidence>]: Name }[keyof ReturnType<
  typeof createEvidence
>];

/** Each sentence of a section, and what shows that it holds. */
function section(title: string, sentences: readonly (readonly [string, ...Evidence[]])[]): void {
  describe(title, () => {
    for (const [sentence, ...evidence] of sentences) {
      test(sentence, async () => {
        for (const name of evidence) await shown[name]();
      });
    }
  });
}

section('Overview', [
  [
    'The system uses Supabase PostgreSQL as the sole source of truth for all task data served to users.',
    'servedAsTheRow',
    'deletedRowIsGone',
  ],
  [
    'Redis is used internally by the gateway to detect worker updates and sync them to Supabase.',
    'syncedByTheRead',
  ],
  [
    'Workers are isolated and only interact with Redis and external APIs - they never write to Supabase directly.',
    'workerHasNoSupabase',
    'rowUntouchedByTheWorker',
  ],
]);

section('Architecture Principles', [
  [
    'Workers are isolated: Agent workers only write to Redis and make external API calls',
    'workerHasNoSupabase',
    'workerMayNotPublish',
  ],
  [
    'Gateway handles Supabase: All Supabase writes are done by the gateway service',
    'rowUntouchedByTheWorker',
    'writesComeFromTheGateway',
  ],
  ['Supabase is source of truth: Frontend only receives data from Supabase', 'servedAsTheRow'],
  [
    'Redis is internal signal: Redis helps gateway know when to update Supabase',
    'syncedByTheRead',
    'nothingWrittenWithoutNews',
  ],
]);

section('Data Flow: Task Creation (Gateway)', [
  ['User submits task via frontend with Supabase JWT token', 'submittedWithAUsersToken'],
  ['Gateway validates authentication and quota', 'refusedWithoutAToken', 'refusedOverTheQuota'],
  ['Gateway creates task record in both Redis and Supabase', 'recordAtSubmit', 'rowAtSubmit'],
  ['Redis: Internal signal for workers to process', 'recordAtSubmit'],
  ['Supabase: Persistent storage with user association (source of truth)', 'rowAtSubmit'],
  ['Gateway publishes task to RabbitMQ queue', 'messageAtSubmit'],
]);
section('Data Flow: Task Status Updates (Agent → Gateway → Supabase)', [
  ['Agent worker consumes task from RabbitMQ', 'messageAtSubmit', 'completedInRedis'],
  [
    'Agent updates status only in Redis (workers are isolated)',
    'completedInRedis',
    'rowUntouchedByTheWorker',
  ],
  ['Gateway detects Redis updates when reading tasks', 'syncedByTheRead'],
  ['Gateway reads from Supabase (source of truth)', 'readAsksSupabase'],
  ['Gateway also reads from Redis to check for newer updates', 'syncedByTheRead'],
  ['If Redis has newer data, gateway syncs Redis → Supabase', 'syncedByTheRead', 'nothingWrittenWithoutNews'],
  ['Status updates include: accepted, started, in_progress, completed, error', 'everyStatus'],
]);

section('Data Flow: Task Retrieval (Gateway)', [
  ['Frontend requests task status via /tasks/{id} endpoint', 'servedAsTheRow'],
  ['Gateway reads from Supabase (source of truth)', 'readAsksSupabase'],
  ['Gateway also checks Redis for any newer updates', 'syncedByTheRead'],
  ['If Redis has newer updated_at, syncs Redis → Supabase', 'syncedByTheRead'],
  ['Returns Supabase data to frontend', 'servedAsTheRow'],
  ['Frontend only receives data from Supabase', 'olderRecordIsNotServed'],
]);

section('Data Flow: Task Listing (Gateway)', [
  ['Frontend requests task list via /tasks endpoint', 'listed'],
  ['Gateway reads directly from Supabase (filtered by user_id via RLS)', 'listed', 'othersSeeNothing'],
  ['Returns list of tasks ordered by most recent first', 'newestFirst'],
  [
    'All data comes from Supabase - frontend never sees Redis data directly',
    'olderRecordIsNotServed',
    'nothingInternalIsShown',
  ],
]);

section('Database Schema', [
  ['CREATE TABLE tasks', 'tableIsTheDocuments'],
  ['Indexes: idx_tasks_user_id on user_id', 'indexesAreTheDocuments'],
  ['idx_tasks_correlation_id on correlation_id', 'indexesAreTheDocuments'],
  ['idx_tasks_user_created on (user_id, created_at DESC)', 'indexesAreTheDocuments'],
  ['idx_tasks_status on status (partial index for active tasks)', 'indexesAreTheDocuments'],
  [
    'Row Level Security (RLS): Users can only SELECT, INSERT, UPDATE, DELETE their own tasks',
    'ownTasksOnly',
    'othersSeeNothing',
  ],
  ['Policies use auth.uid() = user_id condition', 'policiesAreTheDocuments'],
  ['All operations automatically filtered by authenticated user', 'ownTasksOnly'],
]);

section('Storage Components: SupabaseTaskStorage (User Token)', [
  ['Used by Gateway for all Supabase operations', 'oneComponentReachesSupabase'],
  ["Uses user's JWT access token with RLS policies", 'writesComeFromTheGateway'],
  ['Respects Row-Level Security - users can only access their own data', 'othersSeeNothing'],
  ['Only component that writes to Supabase', 'oneComponentReachesSupabase', 'rowUntouchedByTheWorker'],
]);

section('Storage Components: RedisTaskStorage', [
  ['Used by Agent workers to update task status', 'completedInRedis'],
  ['Workers are isolated and only write to Redis', 'workerHasNoSupabase', 'workerMayNotPublish'],
  ['Gateway reads from Redis to detect updates and sync to Supabase', 'syncedByTheRead'],
  ['Internal signal mechanism - not exposed to frontend', 'nothingInternalIsShown'],
]);

section('Key Features: Worker Isolation', [
  [
    'Workers never write to Supabase: Agent workers only interact with Redis and external APIs',
    'workerHasNoSupabase',
    'rowUntouchedByTheWorker',
  ],
  [
    'Gateway handles all Supabase writes: Gateway is the only service that writes to Supabase',
    'writesComeFromTheGateway',
    'oneComponentReachesSupabase',
  ],
  ['Clear separation: Workers are isolated from user data storage', 'workerRefusesSupabase'],
]);

section('Key Features: Source of Truth', [
  ['Supabase is the sole source of truth for frontend', 'servedAsTheRow', 'deletedRowIsGone'],
  ['Redis is an internal signal mechanism for gateway', 'flushLosesNothing'],
  ['Frontend only receives data from Supabase', 'olderRecordIsNotServed'],
]);

section('Key Features: Data Consistency', [
  ['Gateway syncs Redis → Supabase when detecting newer updates in Redis', 'syncedByTheRead'],
  ['Gateway compares updated_at timestamps to determine if sync is needed', 'olderRecordIsNotServed'],
  ['Automatic updated_at timestamp via database trigger', 'updatedAtMoves'],
  ['All user-facing data comes from Supabase', 'servedAsTheRow', 'readAsksSupabase'],
]);

section('Environment Variables', [
  ['SUPABASE_URL: Supabase project URL (required by gateway)', 'gatewayNeedsItsUrl'],
  ['SUPABASE_ANON_KEY: Publishable anon key (for gateway user operations)', 'gatewayNeedsItsAnonKey'],
  [
    "SUPABASE_SERVICE_ROLE_KEY: Not needed - workers don't write to Supabase",
    'serviceRoleKeyIsRefused',
    'workerRefusesSupabase',
  ],
]);

section('Migration', [
  ['Run the SQL in services/supabase/schema.sql in your Supabase SQL editor', 'schemaRunsByItself'],
  ['Verify RLS policies are enabled', 'policiesAreTheDocuments'],
  ['Test with a sample task creation', 'submittedWithAUsersToken'],
]);

section('Benefits', [
  [
    "Worker Isolation: Workers are isolated and don't need Supabase credentials",
    'workerHasNoSupabase',
    'completedInRedis',
  ],
  [
    'Security: Only gateway has access to Supabase, reducing attack surface',
    'workerRefusesSupabase',
    'oneComponentReachesSupabase',
  ],
  ['Persistence: All task data survives Redis restarts', 'flushLosesNothing'],
  ['User Isolation: RLS ensures users only see their own tasks', 'othersSeeNothing', 'ownTasksOnly'],
  ['Single Source of Truth: Frontend always gets data from Supabase', 'servedAsTheRow', 'readAsksSupabase'],
  ['Scalability: Supabase handles user growth and data retention', 'tasksGoWithTheirUser'],
  ['Clear Architecture: Clear separation between workers and user data storage', 'workerHasNoSupabase'],
]);
