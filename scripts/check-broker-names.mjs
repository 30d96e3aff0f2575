// Core knows no broker: no identifier, string or file name in it may name one. Comments may.
import { globSync, readFileSync } from 'node:fs';
