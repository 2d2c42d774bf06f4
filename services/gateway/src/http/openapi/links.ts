/** What can be done next with the task that was answered. */
const next = Object.fromEntries(
  ['getTask', 'watchTask', 'cancelTask', 'retryTask', 'deleteTask'].map((operationId) => [
    operationId,
    { operationId, parameters: { id: '$response.body#/correlation_id' } },
  ]),
);

export const taskLinks = { 200: next };
export const submitLinks = { 200: next, 202: next };

/** Unless `next_cursor` is null. */
export const pageLinks = {
  200: {
    nextPage: { operationId: 'listTasks', parameters: { cursor: '$response.body#/next_cursor' } },
  },
};
