/** What can be done next with a task that was answered. */
const next = Object.fromEntries(
  ['getTask', 'watchTask', 'cancelTask', 'retryTask', 'deleteTask'].map((operationId) => [
    operationId,
    { operationId, parameters: { id: '$response.body#/correlation_id' } },
  ]),
);

export const taskLinks = { 200: next, 202: next };
