import { applyingTo, binderTestSuite } from '@millrace/binder-test-suite';
import { memorySubject } from './memory-subject';

binderTestSuite({ describe, it, beforeAll, afterAll }, memorySubject, applyingTo(memorySubject));
