import { applyingTo, binderTestSuite } from '@millrace/binder-test-suite';
import { kafkaSubject } from './kafka-subject';

const applies = applyingTo(kafkaSubject);
binderTestSuite({ describe, it, beforeAll, afterAll }, kafkaSubject, (check) => check.id < 'F' && applies(check));
