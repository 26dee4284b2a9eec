import { describeLargeSessions, describeServerStore } from './server-store'
import { describeTrouble } from './store-in-trouble'

describeServerStore()
describeLargeSessions()
describeTrouble(['is down'])
