import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const gateway = process.env.YMIR_GATEWAY_URL ?? 'http://127.0.0.1:12001'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // the gateway puts the nonce of each answer there (gateway/src/page)
  html: { cspNonce: '__CSP_NONCE__' },
  // a file of texts is read as a whole
  json: { namedExports: false },
  build: {
    target: 'es2022',
    // the first that know light-dark(): lowered for older ones it would follow the system, not the page's own scheme
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // a file inlined as data: would need a wider Content-Security-Policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: {
    proxy: Object.fromEntries(
      ['/graphql', '/files', '/session', '/health'].map((path) => [path, { target: gateway, ws: true }]),
    ),
  },
})
