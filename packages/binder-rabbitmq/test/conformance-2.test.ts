import { applyingTo, binderTestSuite } from '@millrace/binder-test-suite';
import { rabbitmqSubject } from './rabbitmq-subject';

const applies = applyingTo(rabbitmqSubject);
binderTestSuite({ describe, it, beforeAll, afterAll }, rabbitmqSubject, (check) => check.id >= 'F' && applies(check));
