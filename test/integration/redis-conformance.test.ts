import { describeRecords } from '../conformance/records.ts';
import { createRedisRecords } from './redis-records.ts';

describeRecords('the records in Redis', () => createRedisRecords());
