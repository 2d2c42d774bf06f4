import { type Dashboard, of, rate, recorded } from './definition.ts';

export const capacity: Dashboard = {
  uid: 'tickwork-capacity',
  title: 'Capacity',
  description: 'How much there is to do, and what the processes have left.',
  sections: [
    {
      title: 'Work',
      panels: [
        {
          title: 'Backlog',
          description: 'Messages that are ready, and tasks that run. More workers help where it grows.',
          unit: 'short',
          queries: {
            backlog: `sum(${recorded('tickwork:backlog:tasks')})`,
            running: `sum(${of('tickwork_worker_running')})`,
            ready: `max(${of('tickwork_queue_ready_messages')})`,
          },
          alerts: ['TickworkNoWorkerConsumes', 'TickworkOldestTaskWaits'],
        },
        {
          title: 'Processes',
          description: 'That are scraped.',
          unit: 'short',
          queries: {
            gateway: `count(count by (instance) (${of('tickwork_watchers')})) or vector(0)`,
            reconciler: `count(${of('tickwork_reconciler_leader')}) or vector(0)`,
            worker: `count(${of('tickwork_worker_running')}) or vector(0)`,
          },
          alerts: ['TickworkNotScraped'],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'CPU',
          description: 'Seconds of CPU a second: JavaScript takes no more than 1.',
          unit: 'percentunit',
          queries: { '{{instance}}': rate('process_cpu_seconds_total') },
          thresholds: { bad: 'above', warning: 0.8 },
        },
        {
          title: 'Event loop lag, 99 %',
          description: 'How late the process comes to what is due.',
          unit: 's',
          queries: { '{{instance}}': of('nodejs_eventloop_lag_p99_seconds') },
          thresholds: { bad: 'above', warning: 0.1, critical: 0.5 },
        },
        {
          title: 'Memory',
          description: 'Resident.',
          unit: 'bytes',
          queries: { '{{instance}}': of('process_resident_memory_bytes') },
        },
        {
          title: 'Heap',
          description: 'Used by JavaScript.',
          unit: 'bytes',
          queries: { '{{instance}}': of('nodejs_heap_size_used_bytes') },
        },
        {
          title: 'File descriptors',
          description: 'Part of those that the process may open.',
          unit: 'percentunit',
          queries: { '{{instance}}': `${of('process_open_fds')} / ${of('process_max_fds')}` },
          thresholds: { bad: 'above', warning: 0.7, critical: 0.9 },
        },
        {
          title: 'Garbage collection',
          description: 'Part of the time.',
          unit: 'percentunit',
          queries: { '{{instance}}': `sum by (instance) (${rate('nodejs_gc_duration_seconds_sum')})` },
          thresholds: { bad: 'above', warning: 0.1 },
        },
      ],
    },
  ],
};
