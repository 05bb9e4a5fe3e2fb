import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** What a refresh token names: one generation of one session. */
interface RefreshClaim {
  readonly sessionId: string;
  readonly generation: number;
}

export interface RefreshTokens {
  /** The token of this generation, the same each time. */
  readonly derive: (claim: RefreshClaim) => string;
  /** What the token names; undefined unless this secret derived it, character for character. */
  readonly open: (token: string) => RefreshClaim | undefined;
}

const ID_BYTES = 16;
const GENERATION_BYTES = 4;
const MAC_BYTES = 32;
const CLAIM_BYTES = ID_BYTES + GENERATION_BYTES;

const toUuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const pack = ({ sessionId, generation }: RefreshClaim): Buffer => {
  const bytes = Buffer.alloc(CLAIM_BYTES);
  bytes.write(sessionId.replaceAll('-', ''), 'hex');
  bytes.writeUInt32BE(generation, ID_BYTES);
  return bytes;
};

/**
 * Refresh tokens: session id (16 bytes), generation (4) and HMAC-SHA256 (32) of both, in base64url. A forged token is
 * refused without a look at the database.
 */
export const createRefreshTokens = (secret: string): RefreshTokens => {
  const key = createSecretKey(createHmac('sha256', secret).update('refresh-token').digest());
  const macOf = (claim: Buffer): Buffer => createHmac('sha256', key).update(claim).digest();

  return {
    derive: (claim) => {
      const packed = pack(claim);
      return Buffer.concat([packed, macOf(packed)]).toString('base64url');
    },
    open: (token) => {
      const bytes = Buffer.from(token, 'base64url');
      // Several texts decode to the same bytes; only one of them is the token.
      if (bytes.length !== CLAIM_BYTES + MAC_BYTES || bytes.toString('base64url') !== token) return undefined;
      const claim = bytes.subarray(0, CLAIM_BYTES);
      if (!timingSafeEqual(bytes.subarray(CLAIM_BYTES), macOf(claim))) return undefined;
      return { sessionId: toUuid(claim.subarray(0, ID_BYTES)), generation: claim.readUInt32BE(ID_BYTES) };
    },
  };
};
