import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ScanCursors } from './scan-cursors.ts';

test('a cursor goes back to the server over the connection that it came over', () => {
  const cursors = new ScanCursors(new EventEmitter());
  const first = cursors.open('0');
  expect(first).toMatchObject({ cursor: '0', foreign: false });
  expect(cursors.open(first.next('17'))).toMatchObject({ cursor: '17', foreign: false });
  expect(first.next('0')).toBe('0');
});

test('over another connection the walk begins anew, also when the loss came while the server was asked', () => {
  const connection = new EventEmitter();
  const cursors = new ScanCursors(connection);
  const { next } = cursors.open('0');
  connection.emit('close');
  const again = cursors.open(next('17'));
  expect(again).toMatchObject({ cursor: '0', foreign: true });
  expect(cursors.open(again.next('5'))).toMatchObject({ cursor: '5', foreign: false });
});
