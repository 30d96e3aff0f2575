import { binderTestSuite } from '@millrace/binder-test-suite';
import { rabbitmqSubject } from './rabbitmq-subject';

binderTestSuite({ describe, it, beforeAll, afterAll }, rabbitmqSubject, ({ id }) => id >= 'F');
