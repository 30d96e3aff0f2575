import { binderTestSuite } from '@millrace/binder-test-suite';
import { kafkaSubject } from './kafka-subject';

binderTestSuite({ describe, it, beforeAll, afterAll }, kafkaSubject, ({ id }) => id < 'F');
