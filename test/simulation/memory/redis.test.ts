import { describeRecords } from '../../conformance/records.ts';
import { memoryRecords } from './memory-records.ts';
import { createMemoryRedis } from './redis.ts';
import { recordProtections } from './redis-protections.ts';

const now = () => Math.floor((performance.timeOrigin + performance.now()) * 1000);
/** Names the protection that is off, where a mutant is to be caught. */
const without = new Set(recordProtections.filter((protection) => protection === process.env['WITHOUT']));

describeRecords('the records in memory', async () => memoryRecords(createMemoryRedis({ now, without }), now));
