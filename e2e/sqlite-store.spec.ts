import { describeTrouble } from './store-in-trouble'

describeTrouble(['is down'])
