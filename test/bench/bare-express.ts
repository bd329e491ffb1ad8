// What the service is measured against: Express that reads the raw body, checks the signature and answers. It keeps nothing.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { PATH, SECRET } from './orders.ts';

const app = express();
app.post(PATH, express.raw({ type: '*/*', limit: '2mb' }), (request, response) => {
  const given = Buffer.from(request.get('x-shopify-hmac-sha256') ?? '', 'base64');
  const wanted = createHmac('sha256', SECRET).update(request.body).digest();
  const isSigned = given.length === wanted.length && timingSafeEqual(given, wanted);
  response.status(isSigned ? 200 : 401).json({ status: isSigned ? 'ok' : 'unauthorized' });
});
const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
