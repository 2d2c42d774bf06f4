/** After the conventions for messaging, of a span about this queue's messages. */
export function messagingAttributes(queue: string, operation: 'send' | 'process') {
  return {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': queue,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
  };
}
