/** One Redis connection with an end to every wait. What to do without Redis is up to its users. */
export {
  openRedis,
  type Redis,
  type RedisClient,
  type RedisOptions,
  RedisUnavailableError,
  startRedis,
} from './redis.ts';
export { redisSettings } from './redis-settings.ts';
